// What a durable log should hold, kept by hand beside the real one.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_LOG_MODEL_H_
#define BLIXARD_TESTS_RAFT_STORAGE_LOG_MODEL_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"
#include "raft/storage/log_storage.h"

namespace blixard::raft {

// An entry whose payload lives in the process's default pool; kEmpty when `payload` is empty.
Entry MakeEntry(EntryId id, absl::string_view payload);

// Stands for an entry; the checksum stands for the payload.
struct EntryModel {
  EntryId id;
  EntryType type;
  uint32_t payload_bytes;
  uint32_t payload_crc32c;

  bool operator==(const EntryModel&) const = default;
};

struct LogModel {
  HardState hard_state;
  EntryId base;  // of the entry before the first
  std::vector<EntryModel> entries;

  bool operator==(const LogModel&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const LogModel& model);

  // CHECKs that the entry's payload has the checksum that the entry says.
  void Put(const Entry& entry);
  void Append(const std::optional<HardState>& hard_state, absl::Span<const Entry> added);

  void CompactThrough(EntryId through);
  void InstallSnapshot(EntryId last, const HardState& state);

  LogIndex last_index() const { return base.index + entries.size(); }
  // CHECKs that the log reaches there and did not give it up.
  EntryId IdAt(LogIndex index) const;
};

LogModel ModelOf(const RecoveredLog& log);

// The states a crash inside this Append may leave, in the order that LogStorage promises; the last
// is the state after it, `before` itself is not among them.
std::vector<LogModel> StepsOfAppend(LogModel before, const std::optional<HardState>& hard_state,
                                    absl::Span<const Entry> added);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_STORAGE_LOG_MODEL_H_
