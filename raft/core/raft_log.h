// The replicated log in memory, with the marks that divide it. What is applied and covered by a
// snapshot may be dropped from its front; what stands there then is the base.
//
//   base ..... handed_out ........ stable ........ last      stable: durable here
//   base ..... handed_out ........ commit ........ last      commit: durable on a majority
//
// An entry is handed out for apply once it is both committed and stable. Commit may be ahead of
// stable: a majority can be without this replica.
#ifndef BLIXARD_RAFT_CORE_RAFT_LOG_H_
#define BLIXARD_RAFT_CORE_RAFT_LOG_H_

#include <glog/logging.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/log_chunks.h"
#include "raft/core/mutation.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Not thread-safe. Commit and handed_out never go back (CHECKed); stable goes back where a
// truncation takes away what was stable.
class RaftLog {
 public:
  // What storage recovered.
  struct Restored {
    EntryId base;                // of the snapshot that covers what came before; {0, 0} if none
    std::vector<Entry> entries;  // behind it
    LogIndex commit;
    LogIndex applied;  // nothing up to here is handed out again
  };
  // All of it is stable. CHECKs that the entries continue `base` without a gap, that terms never go
  // back, and that base <= applied <= commit <= last.
  explicit RaftLog(Restored restored);

  EntryId base() const { return base_; }
  LogIndex first_index() const { return base_.index + 1; }
  LogIndex last_index() const { return base_.index + chunks_.size(); }
  EntryId last_id() const { return {.term = TermAt(last_index()), .index = last_index()}; }
  LogIndex stable_index() const { return stable_; }
  LogIndex commit_index() const { return commit_; }
  LogIndex handed_out_index() const { return handed_out_; }
  size_t waiting_bytes() const { return waiting_bytes_; }  // EntryBytes behind handed_out_index()

  // first_index() to last_index() (CHECKed).
  const Entry& At(LogIndex index) const {
    const size_t position = PositionOf(index);  // of what is below the first: beyond all sizes
    if (position >= chunks_.size()) [[unlikely]]
      FailAt(index);
    return chunks_.At(position);
  }
  // base().index to last_index() (CHECKed).
  Term TermAt(LogIndex index) const { return index == base_.index ? base_.term : At(index).term; }
  // The log is known to hold this very entry. The base is held; of what is below nothing is known
  // here.
  bool Holds(const EntryId& id) const;
  // A log that ends with `other` has at least what this one has (paper 5.4.1).
  bool IsCoveredBy(const EntryId& other) const { return other >= last_id(); }

  // How many of `entries`, contiguous, are in the log already, before the first that is missing or
  // has another term. What is below the base counts as held: it was committed.
  size_t CountHeld(absl::Span<const Entry> entries) const;

  // Highest index <= id.index whose term is <= id.term: the best place to look for agreement with a
  // log that holds `id`. Where that is below the base, only that it is: then the answer is below
  // the base, too. O(log n).
  LogIndex FindHint(const EntryId& id) const;

  // CHECKs that it continues the log. Takes a chunk per kLogChunkEntries entries, a spare one if
  // compaction left one.
  void Append(Entry&& entry) {
    CHECK(entry.index == last_index() + 1) << entry.index << " after " << last_index();  // no holes
    CHECK(entry.term >= TermAt(last_index())) << entry.term << " after " << TermAt(last_index());
    CHECK(entry.term > Term{0});
    waiting_bytes_ += EntryBytes(entry);
    chunks_.PushBack(std::move(entry));
  }
  // Drops `from` and everything behind it. CHECKs that nothing committed goes.
  void TruncateFrom(LogIndex from);
  // CHECKs index <= last_index(). An index below the present one changes nothing.
  void CommitTo(LogIndex index) {
    CHECK(index <= last_index()) << "an entry that is not here was committed: " << index;
    commit_ = std::max(commit_, index);
  }
  // Drops entries up to `through` from memory; they must have been handed out (CHECKed) and not be
  // viewed.
  void CompactThrough(LogIndex through);
  // Drops everything: the log goes on behind `base`, which is committed, handed out and, with
  // whatever the snapshot is stored in, stable. CHECKs that commit does not go back.
  void Restart(const EntryId& base);

  // Copies entries from `from` on to the end of `out`, as long as their EntryBytes fit into
  // `max_bytes`, but at least one if there is one up to `to`. Returns their EntryBytes.
  struct Range {
    LogIndex from;
    LogIndex to;  // inclusive
    size_t max_bytes;
  };
  size_t CopyRange(const Range& range, std::vector<Entry>& out) const;

  struct Stretch {
    LogIndex after;
    LogIndex to;
  };
  // Sum of payload sizes in (after, to].
  size_t PayloadBytes(const Stretch& stretch) const;
  // Index of the last entry of type kConfiguration in (after, to]; 0 if there is none. O(n).
  LogIndex LastConfiguration(const Stretch& stretch) const;

  // What the two below hand out stays as it is until EndViews, whatever becomes of the log: entries
  // where they stand, or, where they stand in two chunks, copied to the end of `room`.

  // Persisting. TakeUnstable gives what was not taken yet; StableTo says that everything up to
  // `index` was stored. The owner must not say so of what was truncated in between, even if an
  // equal entry took its place.
  bool HasUnstable() const { return persisting_ < last_index(); }
  absl::Span<const Entry> TakeUnstable(std::vector<Entry>& room);
  void StableTo(LogIndex index) {
    CHECK(index <= last_index()) << index << " is stable and the log ends at " << last_index();
    stable_ = std::max(stable_, index);
    persisting_ = std::max(persisting_, stable_);
  }

  // Applying. TakeCommitted moves handed_out on; no entry is handed out twice. As many entries as
  // fit into `max_bytes`, but at least one if there is one.
  struct Taken {
    absl::Span<const Entry> entries;
    size_t bytes = 0;        // sum of EntryBytes
    LogIndex configuration;  // index of the last of type kConfiguration; 0 if there is none
  };
  bool HasCommitted() const { return handed_out_ < Applicable(); }
  Taken TakeCommitted(size_t max_bytes, std::vector<Entry>& room);

  void EndViews() { chunks_.EndViews(); }

 private:
  LogIndex Applicable() const {
    if (Mutated(Mutation::kS15AppliesBeforeStable)) return commit_;
    return std::min(stable_, commit_);
  }
  size_t WeightOf(const Stretch& stretch) const;  // sum of EntryBytes
  // Out of line: CHECK would keep its operands in memory on every path.
  [[noreturn, gnu::cold]] void FailAt(LogIndex index) const;
  size_t PositionOf(LogIndex index) const { return index.value - base_.index.value - 1; }
  absl::Span<const Entry> View(LogIndex from, size_t count, std::vector<Entry>& room);

  EntryId base_;
  LogChunks chunks_;  // the entry at index i is at position i - base - 1
  LogIndex stable_;
  LogIndex persisting_;  // last of what TakeUnstable gave out and was not truncated since
  LogIndex commit_;
  LogIndex handed_out_;
  size_t waiting_bytes_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_RAFT_LOG_H_
