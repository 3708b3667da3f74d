// What waits for the replica's protocol thread, and its wake-up calls.
#ifndef BLIXARD_RAFT_RUNTIME_INBOX_H_
#define BLIXARD_RAFT_RUNTIME_INBOX_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "raft/runtime/append_work.h"
#include "raft/runtime/apply_work.h"
#include "raft/runtime/raft_proposal.h"
#include "raft/runtime/read_listener.h"
#include "raft/runtime/replica_request.h"
#include "raft/runtime/snapshot_order.h"

namespace blixard::raft {

// Push from any thread, Take from one; TryTake from any, in its place. Its vectors swap with those
// of the taker, so that nothing is allocated once both have grown.
class Inbox {
 public:
  struct Bounds {
    size_t proposals;
    size_t reads;
    size_t messages;
    size_t requests;
  };
  struct Batch {
    std::vector<memory::Pooled<RaftProposal>> proposals;
    std::vector<ReadRequest> reads;
    std::vector<memory::Pooled<Message>> messages;
    std::vector<ReplicaId> unreachable;
    std::vector<ReplicaRequest> requests;
    AppendWorks appended;  // carried out, in the order the loop gave them out
    ApplyWorks applied;    // the same
    SnapshotEvents snapshot_events;
    bool stop = false;
  };
  // What the taker cannot work on yet stays where it is, and wakes nobody.
  struct Wants {
    bool proposals = true;
    bool reads = true;
  };

  explicit Inbox(Bounds bounds) : bounds_(bounds) {}

  enum class Push { kTaken, kFull, kStopped };

  // Leaves `proposal` as it was unless kTaken.
  Push PushProposal(memory::Pooled<RaftProposal>& proposal);
  Push PushRead(const ReadRequest& read);
  Push PushRequest(ReplicaRequest& request);
  // False: full; the message is dropped.
  bool PushMessage(memory::Pooled<Message> message);
  // Wakes nobody: TryTake must follow.
  bool PushMessageQuietly(memory::Pooled<Message> message);
  void PushUnreachable(ReplicaId peer);
  // Completions are always taken; their number is bounded by what the loop gave out. `works` comes
  // back empty.
  void PushAppended(AppendWorks& works);
  void PushApplied(ApplyWorks& works);
  void PushSnapshotEvents(SnapshotEvents& events);
  // Ends a Take although nothing has come.
  void Wake();
  // From now on proposals, reads and requests are turned away.
  void Stop();

  // Waits until there is something to take or `deadline` has come, and fills `batch`, whose vectors
  // must be empty.
  void Take(std::chrono::steady_clock::time_point deadline, Wants wants, Batch& batch);

  // Lets another thread take in the taker's place, while that one only waits: for a thread that
  // brought something and can work on it at once. True: `batch` is filled, the caller is the taker
  // until TakeMore returns false. False: somebody else sees to what waits, or nothing does. Not for
  // more than kFewToLend of a kind: many are work for the taker's own thread, which is woken.
  bool TryTake(Batch& batch);
  // Fills `batch` again if there is more for this thread (`stay`), or ends its turn.
  bool TakeMore(Wants wants, bool stay, Batch& batch);
  static constexpr size_t kFewToLend = 4;

  // Something from outside waits: the taker is behind. A hint, without a lock.
  bool busy() const { return outside_.load(std::memory_order_relaxed); }

 private:
  bool HasWork(Wants wants) const;
  bool HasFew() const;
  bool HasNoRoomForMessages() const;
  void Fill(Batch& batch);
  void WakeTaker(std::unique_lock<std::mutex>& lock);

  const Bounds bounds_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  // All guarded by mutex_.
  Batch waiting_;
  bool woken_ = false;
  bool taker_waits_ = false;  // and nobody has woken it yet
  Wants taker_wants_;
  bool lent_ = false;             // between TryTake and the end of that turn
  bool deadline_passed_ = false;  // meanwhile, for the taker

  std::atomic<bool> outside_{false};  // proposals, reads or messages wait
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_INBOX_H_
