#include "raft/core/pending_reads.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::raft {

void LeaderReads::Add(ReplicaId from, ReadToken token) {
  CHECK(!full()) << max_reads_ << " reads wait already";
  reads_.push_back({.from = from, .token = token, .index = {}, .round = 0});
}

void LeaderReads::Start(uint64_t round, LogIndex commit) {
  CHECK(started_ == 0 || reads_[started_ - 1].round <= round);
  for (; started_ < reads_.size(); ++started_) {
    reads_[started_].round = round;
    reads_[started_].index = commit;
  }
}

size_t LeaderReads::CountConfirmed(uint64_t round) const {
  size_t confirmed = 0;
  while (confirmed < started_ && reads_[confirmed].round <= round) ++confirmed;
  return confirmed;
}

void LeaderReads::DropFront(size_t count) {
  CHECK_LE(count, started_);
  reads_.erase(reads_.begin(), reads_.begin() + static_cast<std::ptrdiff_t>(count));
  started_ -= count;
}

void LeaderReads::Clear() { reads_.clear(), started_ = 0; }

void ForwardedReads::Add(ReadToken token, uint64_t now) {
  CHECK(!full()) << max_reads_ << " reads wait already";
  CHECK(reads_.empty() || reads_.back().at <= now);
  reads_.push_back({.token = token, .at = now});
}

bool ForwardedReads::Take(ReadToken token) {
  const auto found = std::find_if(reads_.begin(), reads_.end(),
                                  [token](const Asked& asked) { return asked.token == token; });
  if (found == reads_.end()) return false;
  reads_.erase(found);
  return true;
}

std::optional<ReadToken> ForwardedReads::TakeAddedBy(uint64_t tick) {
  if (reads_.empty() || reads_.front().at > tick) return std::nullopt;
  const ReadToken token = reads_.front().token;
  reads_.erase(reads_.begin());
  return token;
}

}  // namespace blixard::raft
