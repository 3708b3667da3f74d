#include "raft/storage/log_continuation.h"

#include "absl/strings/str_cat.h"

namespace blixard::raft {

EntryId LastOf(const RecoveredLog& log) {
  return log.entries.empty() ? log.base : log.entries.back().id();
}

bool Continues(const RecoveredLog& log, EntryId snapshot) {
  if (snapshot.index < log.base.index || snapshot.index > LastOf(log).index) return false;
  if (snapshot.index == log.base.index) return snapshot.term == log.base.term;
  return log.entries[snapshot.index - log.base.index - 1].term == snapshot.term;
}

absl::Status CheckMayReplace(EntryId snapshot, const RecoveredLog& log) {
  if (snapshot.index >= log.hard_state.commit) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "snapshot: want one that the log goes on from, as its entries up to ",
      log.hard_state.commit.value, " are committed, got one of entry ", snapshot.index.value,
      " of term ", snapshot.term.value, ", where the log has another: is it this replica's?"));
}

absl::Status ReplaceLog(EntryId snapshot, LogStorage& storage, RecoveredLog& log) {
  if (absl::Status allowed = CheckMayReplace(snapshot, log); !allowed.ok()) return allowed;
  HardState& hard_state = log.hard_state;
  if (hard_state.term < snapshot.term) hard_state = {.term = snapshot.term};
  hard_state.commit = snapshot.index;
  absl::Status replaced = storage.InstallSnapshot(snapshot, hard_state);
  log.base = snapshot;
  log.entries.clear();
  return replaced;
}

}  // namespace blixard::raft
