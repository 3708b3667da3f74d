#include "raft/runtime/log_preparer.h"

namespace blixard::raft {

LogPreparer::LogPreparer(LogStorage& storage) : storage_(storage), thread_([this] { Run(); }) {}

LogPreparer::~LogPreparer() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void LogPreparer::WakeIfWanted() {
  if (!storage_.WantsPrepare()) return;
  std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_one();
}

void LogPreparer::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return woken_ || stop_; });
    woken_ = false;
    for (bool more = true; more && !stop_;) {
      lock.unlock();
      more = storage_.PrepareStep();
      lock.lock();
    }
    if (stop_) return;
  }
}

}  // namespace blixard::raft
