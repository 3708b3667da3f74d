// Whether a log goes on from the newest snapshot, and what makes it: a crash may have come between
// "snapshot durable" and "log emptied".
#ifndef BLIXARD_RAFT_STORAGE_LOG_CONTINUATION_H_
#define BLIXARD_RAFT_STORAGE_LOG_CONTINUATION_H_

#include "absl/status/status.h"
#include "raft/core/types.h"
#include "raft/storage/log_storage.h"

namespace blixard::raft {

// The last entry of the log, or its base when it holds none.
EntryId LastOf(const RecoveredLog& log);

// Whether the log holds, or begins behind, the very entry that the snapshot ends with. If not, a
// start puts the snapshot in the log's place, and everything in the log is gone.
bool Continues(const RecoveredLog& log, EntryId snapshot);

// kDataLoss when the log, which does not continue the snapshot, knows another entry to be committed
// there or later: the snapshot is of another history.
absl::Status CheckMayReplace(EntryId snapshot, const RecoveredLog& log);

// What that start does: empties `log`, and `storage` that it was read from, behind the snapshot,
// durably. Whoever made the snapshot had reached its term, so the log's term is at least that.
// CheckMayReplace's error, with nothing changed, and what the storage says.
absl::Status ReplaceLog(EntryId snapshot, LogStorage& storage, RecoveredLog& log);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_LOG_CONTINUATION_H_
