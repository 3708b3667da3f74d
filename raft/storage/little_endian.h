// Integers as they stand on disk, whatever the machine: least significant byte first.
#ifndef BLIXARD_RAFT_STORAGE_LITTLE_ENDIAN_H_
#define BLIXARD_RAFT_STORAGE_LITTLE_ENDIAN_H_

#include <concepts>
#include <cstddef>

namespace blixard::raft {

// Writes sizeof(Unsigned) bytes at `to`.
template <std::unsigned_integral Unsigned>
void StoreLittleEndian(Unsigned value, char* to) {
  for (size_t i = 0; i < sizeof(Unsigned); ++i) to[i] = static_cast<char>(value >> (8 * i));
}

// Reads sizeof(Unsigned) bytes at `from`.
template <std::unsigned_integral Unsigned>
Unsigned LoadLittleEndian(const char* from) {
  Unsigned value = 0;
  for (size_t i = 0; i < sizeof(Unsigned); ++i) {
    const auto byte = static_cast<Unsigned>(static_cast<unsigned char>(from[i]));
    value = static_cast<Unsigned>(value | static_cast<Unsigned>(byte << (8 * i)));
  }
  return value;
}

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_LITTLE_ENDIAN_H_
