// The thread that keeps the log's next segment ready.
#ifndef BLIXARD_RAFT_RUNTIME_LOG_PREPARER_H_
#define BLIXARD_RAFT_RUNTIME_LOG_PREPARER_H_

#include <condition_variable>
#include <mutex>
#include <thread>

#include "raft/storage/log_storage.h"

namespace blixard::raft {

// Calls LogStorage::PrepareStep off the threads that proposals wait for. Sleeps without a timer;
// whoever runs the log calls WakeIfWanted after its rounds and at ticks, which is also how a
// preparation that failed (a full disk) is begun anew. Thread-safe. `storage` must outlive it.
class LogPreparer {
 public:
  explicit LogPreparer(LogStorage& storage);
  ~LogPreparer();  // waits for the step under way

  LogPreparer(const LogPreparer&) = delete;
  LogPreparer& operator=(const LogPreparer&) = delete;

  // An atomic load as long as nothing is to do.
  void WakeIfWanted();

 private:
  void Run();

  LogStorage& storage_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = true;  // guarded by mutex_: the first segment is to be made right away
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_LOG_PREPARER_H_
