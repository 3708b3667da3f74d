// The replicated log in memory, with the marks that divide it. All entries are kept, from the
// first.
//
//   1 ........ handed_out ........ stable ........ last      stable: durable here
//   1 ........ handed_out ........ commit ........ last      commit: durable on a majority
//
// An entry is handed out for apply once it is both committed and stable. Commit may be ahead of
// stable: a majority can be without this replica.
#ifndef BLIXARD_RAFT_CORE_RAFT_LOG_H_
#define BLIXARD_RAFT_CORE_RAFT_LOG_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/log_chunks.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Not thread-safe. Commit and handed_out never go back (CHECKed); stable goes back where a
// truncation takes away what was stable.
class RaftLog {
 public:
  // What storage recovered: all of it is stable, nothing was handed out. CHECKs that the entries
  // run from index 1 without a gap, that terms never go back, and that `commit` is not beyond the
  // last.
  RaftLog(std::vector<Entry> entries, LogIndex commit);

  LogIndex first_index() const { return LogIndex{1}; }
  LogIndex last_index() const { return LogIndex{chunks_.size()}; }
  EntryId last_id() const { return {.term = TermAt(last_index()), .index = last_index()}; }
  LogIndex stable_index() const { return stable_; }
  LogIndex commit_index() const { return commit_; }
  LogIndex handed_out_index() const { return handed_out_; }

  // first_index() to last_index() (CHECKed).
  const Entry& At(LogIndex index) const;
  // Term 0 at index 0, the place before the first entry. CHECKs index <= last_index().
  Term TermAt(LogIndex index) const;
  // The log holds this very entry. {0, 0} is held by every log.
  bool Holds(const EntryId& id) const;
  // A log that ends with `other` has at least what this one has (paper 5.4.1).
  bool IsCoveredBy(const EntryId& other) const { return other >= last_id(); }

  // How many of `entries`, contiguous, are in the log already, before the first that is missing or
  // has another term.
  size_t CountHeld(absl::Span<const Entry> entries) const;

  // Highest index <= id.index whose term is <= id.term: the best place to look for agreement with a
  // log that holds `id`. O(log n).
  LogIndex FindHint(const EntryId& id) const;

  // CHECKs that it continues the log. Takes a chunk per kLogChunkEntries entries.
  void Append(Entry entry);
  // Drops `from` and everything behind it. CHECKs that nothing committed goes.
  void TruncateFrom(LogIndex from);
  // CHECKs index <= last_index(). An index below the present one changes nothing.
  void CommitTo(LogIndex index);

  // Copies entries from `from` on to the end of `out`, as long as their EntryBytes fit into
  // `max_bytes`, but at least one if there is one up to `to`. Returns their EntryBytes.
  struct Range {
    LogIndex from;
    LogIndex to;  // inclusive
    size_t max_bytes;
  };
  size_t CopyRange(const Range& range, std::vector<Entry>& out) const;

  // Sum of payload sizes in (after, to].
  struct Stretch {
    LogIndex after;
    LogIndex to;
  };
  size_t PayloadBytes(const Stretch& stretch) const;

  // Persisting. TakeUnstable copies what is not stable to `out`; Persisted says that this was
  // stored. What was truncated in between does not become stable, even if an equal entry took its
  // place.
  bool HasUnstable() const { return stable_ < last_index(); }
  void TakeUnstable(std::vector<Entry>& out);
  void Persisted();

  // Applying. TakeCommitted moves handed_out on; no entry is handed out twice.
  bool HasCommitted() const { return handed_out_ < Applicable(); }
  void TakeCommitted(size_t max_bytes, std::vector<Entry>& out);

 private:
  LogIndex Applicable() const { return stable_ < commit_ ? stable_ : commit_; }

  LogChunks chunks_;  // the entry at index i is at position i - 1
  LogIndex stable_;
  LogIndex persisting_;  // last of what TakeUnstable gave out and was not truncated since
  LogIndex commit_;
  LogIndex handed_out_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_RAFT_LOG_H_
