// How fast something that has no hurry may write, so that what has is not kept waiting.
#ifndef BLIXARD_RAFT_RUNTIME_WRITE_PACE_H_
#define BLIXARD_RAFT_RUNTIME_WRITE_PACE_H_

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace blixard::raft {

class WritePace {
 public:
  virtual ~WritePace() = default;
  // Returns how many of the `wanted` bytes (above 0) may be written now, at least 1; may block
  // until then. An error: stop writing.
  virtual absl::StatusOr<size_t> Take(size_t wanted) = 0;
};

// So many bytes a tick. Thread-safe: one takes, another one's clock ticks.
class TickedWritePace : public WritePace {
 public:
  explicit TickedWritePace(uint64_t bytes_per_tick)
      : bytes_per_tick_(bytes_per_tick), left_(bytes_per_tick) {}

  absl::StatusOr<size_t> Take(size_t wanted) override {
    std::unique_lock lock(mutex_);
    refilled_.wait(lock, [this] { return left_ > 0 || stopped_; });
    if (stopped_) return absl::CancelledError("the replica stops");
    const uint64_t taken = std::min<uint64_t>(wanted, left_);
    left_ -= taken;
    return taken;
  }

  void Tick() {
    std::lock_guard lock(mutex_);
    if (left_ == 0) refilled_.notify_one();
    left_ = bytes_per_tick_;
  }

  // Every Take fails from now on.
  void Stop() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    refilled_.notify_all();
  }

 private:
  const uint64_t bytes_per_tick_;
  std::mutex mutex_;
  std::condition_variable refilled_;
  uint64_t left_;         // guarded by mutex_
  bool stopped_ = false;  // guarded by mutex_
};

// As fast as it goes: where somebody else owns time.
class UnlimitedWritePace : public WritePace {
 public:
  absl::StatusOr<size_t> Take(size_t wanted) override { return wanted; }
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_WRITE_PACE_H_
