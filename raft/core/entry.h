// One slot of the replicated log.
#ifndef BLIXARD_RAFT_CORE_ENTRY_H_
#define BLIXARD_RAFT_CORE_ENTRY_H_

#include <cstddef>
#include <cstdint>

#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"

namespace blixard::raft {

enum class EntryType : uint8_t {
  // The first of a term: appended by a new leader, so that it may commit what came before (paper
  // 5.4.2). Any other: the changes of membership before it are committed.
  kEmpty = 0,
  kCommand = 1,  // payload for the state machine
  // 2 was never written; it stays free.
  kConfiguration = 3,  // payload is an encoded ConfigurationChange (configuration_codec.h)
};

constexpr bool IsEntryType(uint8_t value) {
  return value == static_cast<uint8_t>(EntryType::kEmpty) ||
         value == static_cast<uint8_t>(EntryType::kCommand) ||
         value == static_cast<uint8_t>(EntryType::kConfiguration);
}

// Copying shares the payload. The checksum is taken once, where the payload enters the log, and
// verified wherever the bytes arrive: from the disk and from a peer.
struct Entry {
  Term term;
  LogIndex index;
  EntryType type = EntryType::kEmpty;
  uint32_t payload_crc32c = 0;
  memory::Buffer payload;  // empty for kEmpty

  EntryId id() const { return {.term = term, .index = index}; }
};

// What an entry weighs against limits in bytes: its payload and a flat share for everything around
// it, so that a million tiny entries do not pass for nothing.
inline size_t EntryBytes(const Entry& entry) { return entry.payload.size() + 32; }

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_ENTRY_H_
