// CRC32C as everybody else computes it (reflected polynomial 0x82F63B78, initial and final xor), by
// ISA-L's carry-less multiplication kernels.
#ifndef BLIXARD_RAFT_CORE_CHECKSUM_H_
#define BLIXARD_RAFT_CORE_CHECKSUM_H_

#include <glog/logging.h>
#include <isa-l/crc.h>

#include <cstdint>
#include <limits>

#include "absl/strings/string_view.h"

namespace blixard::raft {

// The checksum of `bytes` put behind what `crc` covers already: Extend(Crc("a"), "b") == Crc("ab").
// At most 2 GiB at once (CHECKed). Pure, thread-safe.
inline uint32_t ExtendCrc32c(uint32_t crc, absl::string_view bytes) {
  CHECK_LE(bytes.size(), static_cast<size_t>(std::numeric_limits<int>::max()));
  // ISA-L only reads the buffer, but its C signature does not say so; and it does neither xor.
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  return ~crc32_iscsi(data, static_cast<int>(bytes.size()), ~crc);
}

// What Entry::payload_crc32c holds; 0 for an empty payload.
inline uint32_t PayloadCrc32c(absl::string_view payload) { return ExtendCrc32c(0, payload); }

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_CHECKSUM_H_
