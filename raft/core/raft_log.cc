#include "raft/core/raft_log.h"

#include <glog/logging.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace blixard::raft {

RaftLog::RaftLog(std::vector<Entry> entries, LogIndex commit) {
  for (Entry& entry : entries) Append(std::move(entry));
  CHECK_LE(commit, last_index()) << "restored log ends before what it knew to be committed";
  stable_ = persisting_ = last_index();
  commit_ = commit;
}

const Entry& RaftLog::At(LogIndex index) const {
  CHECK_GE(index, first_index());
  return chunks_.At(index.value - 1);
}

Term RaftLog::TermAt(LogIndex index) const {
  return index == LogIndex{0} ? Term{0} : At(index).term;
}

bool RaftLog::Holds(const EntryId& id) const {
  return id.index <= last_index() && TermAt(id.index) == id.term;
}

size_t RaftLog::CountHeld(absl::Span<const Entry> entries) const {
  size_t held = 0;
  while (held < entries.size() && Holds(entries[held].id())) ++held;
  return held;
}

LogIndex RaftLog::FindHint(const EntryId& id) const {
  // Terms never go back along the log, so the indexes whose term is <= id.term are a prefix.
  LogIndex low{0};                                   // its term is <= id.term
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
  chunks_.Truncate(from.value - 1);
  stable_ = std::min(stable_, from - 1);
  persisting_ = std::min(persisting_, from - 1);
}

void RaftLog::CommitTo(LogIndex index) {
  CHECK_LE(index, last_index()) << "an entry that is not here was committed";
  commit_ = std::max(commit_, index);
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

void RaftLog::TakeUnstable(std::vector<Entry>& out) {
  CopyRange(
      {.from = stable_ + 1, .to = last_index(), .max_bytes = std::numeric_limits<size_t>::max()},
      out);
  persisting_ = last_index();
}

void RaftLog::Persisted() {
  CHECK_GE(persisting_, stable_);
  stable_ = persisting_;
}

void RaftLog::TakeCommitted(size_t max_bytes, std::vector<Entry>& out) {
  const size_t before = out.size();
  CopyRange({.from = handed_out_ + 1, .to = Applicable(), .max_bytes = max_bytes}, out);
  handed_out_ = handed_out_ + (out.size() - before);
  CHECK_LE(handed_out_, commit_);
}

}  // namespace blixard::raft
