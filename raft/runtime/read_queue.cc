#include "raft/runtime/read_queue.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

namespace blixard::raft {

void ReadQueue::Take(std::vector<ReadRequest>& reads) {
  if (reads.empty()) return;
  CHECK(arrived_.empty()) << "reads are taken only when the last ones are in a round";
  arrived_.swap(reads);
}

void ReadQueue::BeginRound(uint64_t round) {
  CHECK(FindOpen(round) == nullptr) << "two rounds share the token " << round;
  Begin(round, std::nullopt);
}

void ReadQueue::BeginConfirmed(LogIndex index) { Begin(0, index); }

void ReadQueue::Begin(uint64_t round, std::optional<LogIndex> index) {
  CHECK(wants_round()) << "round " << round << " would begin without reads or room";
  Round begun{.token = round, .index = index};
  if (!spare_.empty()) {
    begun.reads = std::move(spare_.back());
    spare_.pop_back();
  }
  begun.reads.swap(arrived_);
  rounds_.push_back(std::move(begun));
}

void ReadQueue::RefuseArrived() {
  for (const ReadRequest& read : arrived_) {
    read.listener->OnReadEnd(read.token, ReadEnd::kRefused, LogIndex{0});
  }
  refused_ += arrived_.size();
  arrived_.clear();
}

void ReadQueue::Confirm(uint64_t round, LogIndex index) {
  Round* const found = FindOpen(round);
  if (found != nullptr) found->index = index;
}

void ReadQueue::Refuse(uint64_t round) {
  Round* const found = FindOpen(round);
  if (found == nullptr) return;
  End(*found, ReadEnd::kRefused);
  DropEnded();
}

void ReadQueue::AnswerUpTo(LogIndex applied) {
  bool ended = false;
  for (Round& round : rounds_) {
    if (!round.index.has_value() || *round.index > applied) continue;
    End(round, ReadEnd::kReady);
    ended = true;
  }
  if (ended) DropEnded();
}

// A confirmed round waits for apply only, which always comes.
void ReadQueue::Tick() {
  bool ended = false;
  for (Round& round : rounds_) {
    if (round.index.has_value() || ++round.age_ticks < patience_ticks_) continue;
    End(round, ReadEnd::kRefused);
    ended = true;
  }
  if (ended) DropEnded();
}

void ReadQueue::RefuseAll() {
  RefuseArrived();
  for (Round& round : rounds_) End(round, ReadEnd::kRefused);
  DropEnded();
}

size_t ReadQueue::size() const {
  size_t reads = arrived_.size();
  for (const Round& round : rounds_) reads += round.reads.size();
  return reads;
}

ReadQueue::Round* ReadQueue::FindOpen(uint64_t round) {
  const auto found = std::find_if(rounds_.begin(), rounds_.end(), [round](const Round& other) {
    return other.token == round && !other.index.has_value();
  });
  return found == rounds_.end() ? nullptr : &*found;
}

void ReadQueue::End(Round& round, ReadEnd end) {
  const LogIndex index = round.index.value_or(LogIndex{0});
  for (const ReadRequest& read : round.reads) read.listener->OnReadEnd(read.token, end, index);
  if (end == ReadEnd::kRefused) refused_ += round.reads.size();
  round.reads.clear();
}

// By hand: std::stable_partition would allocate.
void ReadQueue::DropEnded() {
  size_t kept = 0;
  for (size_t i = 0; i < rounds_.size(); ++i) {
    if (!rounds_[i].reads.empty()) {
      if (kept != i) rounds_[kept] = std::move(rounds_[i]);
      ++kept;
    } else if (spare_.size() < kMaxRounds) {
      spare_.push_back(std::move(rounds_[i].reads));
    }
  }
  rounds_.resize(kept);
}

}  // namespace blixard::raft
