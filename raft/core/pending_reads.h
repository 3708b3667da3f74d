// Reads that wait: on the leader for a round of heartbeats, on a follower for the leader's answer.
#ifndef BLIXARD_RAFT_CORE_PENDING_READS_H_
#define BLIXARD_RAFT_CORE_PENDING_READS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "raft/core/types.h"

namespace blixard::raft {

// A read on the leader. It is answered with `index` once a quorum has answered `round`.
struct WaitingRead {
  ReplicaId from = kNoReplica;
  ReadToken token{0};
  LogIndex index;
  uint64_t round = 0;  // 0: none has begun for it yet
};

// A queue in the order of arrival; rounds ascend along it. Not thread-safe; allocates only where it
// has to grow beyond its longest.
class LeaderReads {
 public:
  explicit LeaderReads(size_t max_reads) : max_reads_(max_reads) {}

  bool full() const { return reads_.size() == max_reads_; }
  bool HasUnstarted() const { return started_ < reads_.size(); }
  const std::vector<WaitingRead>& reads() const { return reads_; }

  // CHECKs !full().
  void Add(ReplicaId from, ReadToken token);
  // A round begins, and `commit` is what is committed now, for all that have none.
  void Start(uint64_t round, LogIndex commit);
  // How many, from the front, wait for a round up to `round`.
  size_t CountConfirmed(uint64_t round) const;
  void DropFront(size_t count);
  void Clear();

 private:
  size_t max_reads_;
  std::vector<WaitingRead> reads_;
  size_t started_ = 0;
};

// Tokens a follower has asked the leader about. Not thread-safe.
class ForwardedReads {
 public:
  explicit ForwardedReads(size_t max_reads) : max_reads_(max_reads) {}

  bool full() const { return reads_.size() == max_reads_; }
  bool empty() const { return reads_.empty(); }

  // CHECKs !full(). `now` ascends from call to call.
  void Add(ReadToken token, uint64_t now);
  // Takes `token` out; false if it does not wait here (any more).
  bool Take(ReadToken token);
  // Takes the oldest out if it was added at `tick` or before.
  std::optional<ReadToken> TakeAddedBy(uint64_t tick);

 private:
  struct Asked {
    ReadToken token{0};
    uint64_t at = 0;
  };
  size_t max_reads_;
  std::vector<Asked> reads_;  // oldest first
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_PENDING_READS_H_
