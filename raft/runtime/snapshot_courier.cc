#include "raft/runtime/snapshot_courier.h"

#include <utility>

namespace blixard::raft {

SnapshotCourier::SnapshotCourier(const SnapshotExchange::Options& options, SnapshotStore& store,
                                 Transport& transport, std::function<void(SnapshotEvents&)> tell)
    : exchange_(options, store, transport), tell_(std::move(tell)), thread_([this] { Run(); }) {}

SnapshotCourier::~SnapshotCourier() { Stop(); }

void SnapshotCourier::Send(SnapshotOrder order) {
  std::lock_guard lock(mutex_);
  orders_.push_back(std::move(order));
  changed_.notify_one();
}

void SnapshotCourier::Receive(absl::string_view frame) {
  std::lock_guard lock(mutex_);
  if (frames_.size() >= kMaxFrames) return;
  frames_.emplace_back(frame);
  changed_.notify_one();
}

void SnapshotCourier::Tick() {
  std::lock_guard lock(mutex_);
  if (!active_) return;
  ticked_ = true;
  changed_.notify_one();
}

void SnapshotCourier::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void SnapshotCourier::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock,
                  [this] { return stop_ || ticked_ || !orders_.empty() || !frames_.empty(); });
    if (stop_) return;
    SnapshotOrders orders = std::exchange(orders_, {});
    std::vector<std::string> frames = std::exchange(frames_, {});
    const bool ticked = std::exchange(ticked_, false);
    lock.unlock();
    SnapshotEvents events;
    for (SnapshotOrder& order : orders) exchange_.Send(order, events);
    for (const std::string& frame : frames) exchange_.TakeIn(frame);
    if (ticked) exchange_.Tick();
    exchange_.Work(events);
    if (!events.empty()) tell_(events);
    lock.lock();
    active_ = exchange_.is_active();
  }
}

}  // namespace blixard::raft
