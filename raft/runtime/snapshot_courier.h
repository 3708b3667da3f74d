// The thread that carries snapshots between replicas.
#ifndef BLIXARD_RAFT_RUNTIME_SNAPSHOT_COURIER_H_
#define BLIXARD_RAFT_RUNTIME_SNAPSHOT_COURIER_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/runtime/snapshot_exchange.h"
#include "raft/runtime/snapshot_order.h"

namespace blixard::raft {

// Runs a SnapshotExchange. Thread-safe. Sleeps without a timer: ticks come from outside, and wake
// it only while a transfer is under way.
class SnapshotCourier {
 public:
  // `tell` takes what ended, on the courier's thread.
  SnapshotCourier(const SnapshotExchange::Options& options, SnapshotStore& store,
                  Transport& transport, std::function<void(SnapshotEvents&)> tell);
  ~SnapshotCourier();

  SnapshotCourier(const SnapshotCourier&) = delete;
  SnapshotCourier& operator=(const SnapshotCourier&) = delete;

  void Send(SnapshotOrder order);
  // A peer's frame; dropped when kMaxFrames wait: its sender repeats it.
  void Receive(absl::string_view frame);
  void Tick();
  void Stop();

 private:
  static constexpr size_t kMaxFrames = 64;

  void Run();

  SnapshotExchange exchange_;  // the courier's thread only
  const std::function<void(SnapshotEvents&)> tell_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  SnapshotOrders orders_;
  std::vector<std::string> frames_;
  bool ticked_ = false;
  bool active_ = false;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_SNAPSHOT_COURIER_H_
