// Harm that a disk does to bytes which were synced long ago.
#ifndef BLIXARD_TESTS_SIMULATION_DISK_HARM_H_
#define BLIXARD_TESTS_SIMULATION_DISK_HARM_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tests/raft/storage/memory_file_system.h"

namespace blixard::raft {

struct HarmedPlaces {
  std::string log_directory;
  std::string snapshot_directory;
};

// Flips a bit, or lets a sector's write land on another one of its file, in the log or in a
// snapshot, as `seed` says. Returns what was done; nothing where there was nothing to harm.
//
// In the log only where a later frame proves that everything was synced: whether the last bytes of
// a log are damaged or were never written whole is nothing that any reader could tell (docs/raft.md
// names this limit).
std::optional<std::string> HarmDisk(MemoryFileSystem& disk, const HarmedPlaces& places,
                                    uint64_t seed);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_DISK_HARM_H_
