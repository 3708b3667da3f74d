// A stage with a thread of its own, which its submitter may spare: waking an idle thread costs a
// lone request more than the work itself, while under load stages run side by side.
#ifndef BLIXARD_RAFT_RUNTIME_WORK_LANE_H_
#define BLIXARD_RAFT_RUNTIME_WORK_LANE_H_

#include <glog/logging.h>

#include <condition_variable>
#include <functional>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace blixard::raft {

// Carries out works in order, one batch at a time, on its thread or on the submitter's. One thread
// submits. Its queue is bounded by what the submitter has in flight.
template <class Work>
class WorkLane {
 public:
  using Works = std::vector<Work>;

  // `run` carries out a batch; `hand_back` takes it (and leaves the vector empty) when the lane's
  // thread ran it.
  WorkLane(std::function<void(Works&)> run, std::function<void(Works&)> hand_back)
      : run_(std::move(run)), hand_back_(std::move(hand_back)), thread_([this] { Run(); }) {}
  ~WorkLane() { Stop(); }

  WorkLane(const WorkLane&) = delete;
  WorkLane& operator=(const WorkLane&) = delete;

  // Unless earlier works are under way, has `run(works)` carry them out before it returns. True
  // when it says that they are done: they are the caller's again. Else they must be submitted.
  template <class RunHere>
  bool TryRunHere(Works& works, RunHere run) {
    {
      std::lock_guard lock(mutex_);
      CHECK(!stop_) << "work after Stop";
      if (running_ || !queue_.empty()) return false;
      running_ = true;
    }
    const bool done = run(works);
    std::lock_guard lock(mutex_);
    running_ = false;
    if (stop_ || !queue_.empty()) arrived_.notify_one();
    return done;
  }

  // Leaves `works` empty, with its capacity.
  void Submit(Works& works) {
    std::lock_guard lock(mutex_);
    CHECK(!stop_) << "work after Stop";
    queue_.insert(queue_.end(), std::make_move_iterator(works.begin()),
                  std::make_move_iterator(works.end()));
    works.clear();
    if (!running_) arrived_.notify_one();
  }

  // Carries out what was submitted, then ends the thread.
  void Stop() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
      arrived_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      arrived_.wait(lock, [this] { return !running_ && (!queue_.empty() || stop_); });
      if (queue_.empty()) return;
      taken_.swap(queue_);
      running_ = true;
      lock.unlock();
      run_(taken_);
      hand_back_(taken_);
      CHECK(taken_.empty()) << "works were not taken back";
      lock.lock();
      running_ = false;
    }
  }

  const std::function<void(Works&)> run_;
  const std::function<void(Works&)> hand_back_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  Works queue_;           // guarded by mutex_
  bool running_ = false;  // guarded by mutex_: somebody is in run_
  bool stop_ = false;     // guarded by mutex_
  Works taken_;           // the lane's thread only
  std::thread thread_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_WORK_LANE_H_
