// What waits for the replica's thread: proposals, messages of peers, and wake-up calls.
#ifndef BLIXARD_RAFT_RUNTIME_INBOX_H_
#define BLIXARD_RAFT_RUNTIME_INBOX_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/runtime/raft_proposal.h"

namespace blixard::raft {

// Push from any thread, Take from one. Its vectors swap with those of the taker, so that nothing is
// allocated once both have grown.
class Inbox {
 public:
  struct Bounds {
    size_t proposals;
    size_t messages;
  };
  struct Batch {
    std::vector<memory::Pooled<RaftProposal>> proposals;
    std::vector<memory::Pooled<Message>> messages;
    std::vector<ReplicaId> unreachable;
    bool stop = false;
  };

  explicit Inbox(Bounds bounds) : bounds_(bounds) {}

  enum class Push { kTaken, kFull, kStopped };

  // Leaves `proposal` as it was unless kTaken.
  Push PushProposal(memory::Pooled<RaftProposal>& proposal);
  // False: full; the message is dropped.
  bool PushMessage(memory::Pooled<Message> message);
  void PushUnreachable(ReplicaId peer);
  // Ends a Take although nothing has come.
  void Wake();
  // From now on proposals are turned away.
  void Stop();

  // Waits until there is something to take or `deadline` has come, and fills `batch`, whose vectors
  // must be empty. Proposals stay where they are, and wake nobody, unless `with_proposals`.
  void Take(std::chrono::steady_clock::time_point deadline, bool with_proposals, Batch& batch);

 private:
  bool HasWork(bool with_proposals) const;

  const Bounds bounds_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  Batch waiting_;                       // guarded by mutex_
  bool woken_ = false;                  // guarded by mutex_
  bool taker_waits_ = false;            // guarded by mutex_
  bool taker_wants_proposals_ = false;  // guarded by mutex_
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_INBOX_H_
