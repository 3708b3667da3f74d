#include "raft/runtime/restore_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/storage/log_continuation.h"

namespace blixard::raft {
namespace {

absl::Status RestoreMachine(const DiskState& disk, StateMachine& state_machine) {
  if (disk.snapshot->last.index == LogIndex{0}) return absl::OkStatus();  // the beginning: no data
  absl::StatusOr<std::unique_ptr<SnapshotSource>> source = disk.open_snapshot(disk.snapshot->last);
  return source.ok() ? state_machine.Restore(**source) : source.status();
}

}  // namespace

absl::StatusOr<RestoredLog> RestoreState(DiskState disk, StateMachine& state_machine) {
  RecoveredLog& log = disk.log;
  if (!disk.snapshot.has_value()) disk.snapshot = {.last = {}, .configuration = disk.bootstrap};
  if (disk.snapshot->configuration.IsEmpty() && !log.entries.empty()) {
    return absl::DataLossError(
        absl::StrCat("configuration: want a snapshot that tells which group the log's ",
                     log.entries.size(), " entries belong to, got none: restore the snapshot or ",
                     "start the replica anew with an empty directory"));
  }
  const EntryId last = disk.snapshot->last;
  if (last.index < log.base.index) {
    return absl::DataLossError(
        absl::StrCat("snapshot: want one of entry ", log.base.index.value,
                     " or later, where the log begins, got ", last.index.value,
                     ": the entries between are gone; restore the snapshot or start the replica "
                     "anew with an empty directory"));
  }
  if (absl::Status restored = RestoreMachine(disk, state_machine); !restored.ok()) return restored;
  if (!Continues(log, last)) {
    if (absl::Status replaced = ReplaceLog(last, disk.storage, log); !replaced.ok()) {
      return replaced;
    }
  }
  log.entries.erase(log.entries.begin(), log.entries.begin() + (last.index - log.base.index));
  log.hard_state.commit = std::max(log.hard_state.commit, last.index);
  return RestoredLog{.hard_state = log.hard_state,
                     .snapshot = *std::move(disk.snapshot),
                     .entries = std::move(log.entries),
                     .applied = last.index};
}

}  // namespace blixard::raft
