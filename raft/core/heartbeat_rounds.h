// Numbers the leader's heartbeats, so that an answer tells what it answers and how old that is.
#ifndef BLIXARD_RAFT_CORE_HEARTBEAT_ROUNDS_H_
#define BLIXARD_RAFT_CORE_HEARTBEAT_ROUNDS_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace blixard::raft {

// A round is one heartbeat to every peer. Numbers ascend from 1 and are used once in the life of a
// replica; as a life leads a term at most once, term and round name one round for ever: what
// answers an earlier round, however late or often, is never taken for an answer to a later one
// (etcd #20418). Not thread-safe.
class HeartbeatRounds {
 public:
  // Starts the next round at tick `now`; returns its number.
  uint64_t Begin(uint64_t now) {
    sent_at_[++last_ % kRemembered] = now;
    return last_;
  }

  uint64_t last() const { return last_; }

  // The tick at which `round` was sent; 0, which is long ago, when that is no longer known.
  uint64_t SentAt(uint64_t round) const {
    const bool known = round != 0 && round <= last_ && last_ - round < kRemembered;
    return known ? sent_at_[round % kRemembered] : 0;
  }

 private:
  static constexpr size_t kRemembered = 64;

  uint64_t last_ = 0;
  std::array<uint64_t, kRemembered> sent_at_{};
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_HEARTBEAT_ROUNDS_H_
