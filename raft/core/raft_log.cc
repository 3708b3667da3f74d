#include "raft/core/raft_log.h"

#include <glog/logging.h>

#include <algorithm>
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
  waiting_bytes_ -= WeightOf({.after = base_.index, .to = handed_out_});
}

void RaftLog::FailAt(LogIndex index) const {
  CHECK_GE(index, first_index());
  LOG(FATAL) << "want an index <= last_index " << last_index() << ", got " << index;
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

void RaftLog::TruncateFrom(LogIndex from) {
  CHECK_GT(from, commit_) << "a committed entry would be lost";
  CHECK_LE(from, last_index());
  waiting_bytes_ -= WeightOf({.after = from - 1, .to = last_index()});
  chunks_.Truncate(PositionOf(from));
  stable_ = std::min(stable_, from - 1);
  persisting_ = std::min(persisting_, from - 1);
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
  waiting_bytes_ = 0;
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

size_t RaftLog::WeightOf(const Stretch& stretch) const {
  size_t bytes = 0;
  for (LogIndex index = stretch.after + 1; index <= stretch.to; ++index) {
    bytes += EntryBytes(At(index));
  }
  return bytes;
}

LogIndex RaftLog::LastConfiguration(const Stretch& stretch) const {
  for (LogIndex index = stretch.to; index > stretch.after; index = index - 1) {
    if (At(index).type == EntryType::kConfiguration) return index;
  }
  return LogIndex{0};
}

absl::Span<const Entry> RaftLog::TakeUnstable(std::vector<Entry>& room) {
  const LogIndex from = persisting_ + 1;
  persisting_ = last_index();
  return View(from, persisting_ + 1 - from, room);
}

RaftLog::Taken RaftLog::TakeCommitted(size_t max_bytes, std::vector<Entry>& room) {
  Taken taken;
  const LogIndex from = handed_out_ + 1;
  const LogIndex to = Applicable();
  LogIndex end = from;
  for (; end <= to; ++end) {
    const Entry& entry = At(end);
    const size_t with_this = taken.bytes + EntryBytes(entry);
    if (with_this > max_bytes && end > from) break;
    taken.bytes = with_this;
    if (entry.type == EntryType::kConfiguration) taken.configuration = end;
  }
  taken.entries = View(from, end - from, room);
  waiting_bytes_ -= taken.bytes;
  handed_out_ = Mutated(Mutation::kS16ForgetsPages) ? to : end - 1;
  CHECK(handed_out_ <= commit_) << handed_out_ << " was handed out, committed is " << commit_;
  return taken;
}

absl::Span<const Entry> RaftLog::View(LogIndex from, size_t count, std::vector<Entry>& room) {
  if (count == 0) return {};
  const size_t position = PositionOf(from);
  if (count <= chunks_.CountAdjacent(position)) return chunks_.View(position, count);
  const size_t before = room.size();
  for (size_t i = 0; i < count; ++i) room.push_back(At(from + i));
  return absl::MakeConstSpan(room).subspan(before);
}

}  // namespace blixard::raft
