#include "raft/core/raft_log.h"

#include <glog/logging.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "raft/core/mutation.h"

namespace blixard::raft {

RaftLog::RaftLog(Restored restored) : base_(restored.base) {
  for (Entry& entry : restored.entries) Append(std::move(entry));
  CHECK_LE(restored.commit, last_index())
      << "restored log ends before what it knew to be committed";
  CHECK_LE(base_.index, restored.applied);
  CHECK_LE(restored.applied, restored.commit);
  stable_ = persisting_ = last_index();
  commit_ = restored.commit;
  handed_out_ = Mutated(Mutation::kS23AppliesAgain) ? base_.index : restored.applied;
}

bool RaftLog::Holds(const EntryId& id) const {
  return id.index >= base_.index && id.index <= last_index() && TermAt(id.index) == id.term;
}

size_t RaftLog::CountHeld(absl::Span<const Entry> entries) const {
  size_t held = 0;
  while (held < entries.size() &&
         (entries[held].index < base_.index || Holds(entries[held].id()))) {
    ++held;
  }
  return held;
}

LogIndex RaftLog::FindHint(const EntryId& id) const {
  if (id.index < base_.index) return id.index;
  if (base_.term > id.term) return base_.index - 1;
  // Terms never go back along the log, so the indexes whose term is <= id.term are a prefix.
  LogIndex low = base_.index;                        // its term is <= id.term
  LogIndex high = std::min(id.index, last_index());  // the answer is not above
  while (low < high) {
    const LogIndex middle = low + (high - low + 1) / 2;
    if (TermAt(middle) <= id.term) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

void RaftLog::Append(Entry entry) {
  CHECK_EQ(entry.index, last_index() + 1);  // no holes
  CHECK_GE(entry.term, TermAt(last_index()));
  CHECK_GT(entry.term, Term{0});
  chunks_.PushBack(std::move(entry));
}

void RaftLog::TruncateFrom(LogIndex from) {
  CHECK_GT(from, commit_) << "a committed entry would be lost";
  CHECK_LE(from, last_index());
  chunks_.Truncate(from.value - base_.index.value - 1);
  stable_ = std::min(stable_, from - 1);
  persisting_ = std::min(persisting_, from - 1);
}

void RaftLog::CommitTo(LogIndex index) {
  CHECK_LE(index, last_index()) << "an entry that is not here was committed";
  commit_ = std::max(commit_, index);
}

void RaftLog::CompactThrough(LogIndex through) {
  if (through <= base_.index) return;
  CHECK_LE(through, handed_out_) << "an entry that was not applied would be dropped";
  const EntryId base{.term = TermAt(through), .index = through};
  chunks_.DropFront(through - base_.index);
  base_ = base;
}

void RaftLog::Restart(const EntryId& base) {
  CHECK_GE(base.index, commit_) << "a committed entry would be lost";
  chunks_.Truncate(0);
  base_ = base;
  commit_ = handed_out_ = stable_ = persisting_ = base.index;
}

size_t RaftLog::CopyRange(const Range& range, std::vector<Entry>& out) const {
  size_t bytes = 0;
  for (LogIndex index = range.from; index <= range.to; ++index) {
    const Entry& entry = At(index);
    const size_t with_this = bytes + EntryBytes(entry);
    if (with_this > range.max_bytes && index > range.from) break;
    bytes = with_this;
    out.push_back(entry);
  }
  return bytes;
}

size_t RaftLog::PayloadBytes(const Stretch& stretch) const {
  size_t bytes = 0;
  for (LogIndex index = stretch.after + 1; index <= stretch.to; ++index) {
    bytes += At(index).payload.size();
  }
  return bytes;
}

LogIndex RaftLog::LastConfiguration(const Stretch& stretch) const {
  for (LogIndex index = stretch.to; index > stretch.after; index = index - 1) {
    if (At(index).type == EntryType::kConfiguration) return index;
  }
  return LogIndex{0};
}

void RaftLog::TakeUnstable(std::vector<Entry>& out) {
  CopyRange({.from = persisting_ + 1,
             .to = last_index(),
             .max_bytes = std::numeric_limits<size_t>::max()},
            out);
  persisting_ = last_index();
}

void RaftLog::StableTo(LogIndex index) {
  CHECK_LE(index, last_index());
  stable_ = std::max(stable_, index);
  persisting_ = std::max(persisting_, stable_);
}

LogIndex RaftLog::Applicable() const {
  if (Mutated(Mutation::kS15AppliesBeforeStable)) return commit_;
  return std::min(stable_, commit_);
}

size_t RaftLog::TakeCommitted(size_t max_bytes, std::vector<Entry>& out) {
  const size_t before = out.size();
  const size_t bytes =
      CopyRange({.from = handed_out_ + 1, .to = Applicable(), .max_bytes = max_bytes}, out);
  handed_out_ =
      Mutated(Mutation::kS16ForgetsPages) ? Applicable() : handed_out_ + (out.size() - before);
  CHECK_LE(handed_out_, commit_);
  return bytes;
}

}  // namespace blixard::raft
