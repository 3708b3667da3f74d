// Makes batches of the protocol machine durable, several with one sync.
#ifndef BLIXARD_RAFT_RUNTIME_LOG_WRITER_H_
#define BLIXARD_RAFT_RUNTIME_LOG_WRITER_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "raft/runtime/append_work.h"
#include "raft/runtime/stage_latencies.h"
#include "raft/runtime/transport.h"
#include "raft/storage/log_storage.h"

namespace blixard::raft {

// Thread-free: used by one caller at a time, whoever that is. Its parts are not owned and outlive
// it.
class LogWriter {
 public:
  LogWriter(LogStorage& storage, Transport& transport, StageLatencies& latencies)
      : storage_(storage), transport_(transport), latencies_(latencies) {}

  enum class Outcome {
    kDone,      // every work has its status
    kDiskFull,  // there is no room for some of them: nothing is promised, and nothing harmed; call
                // again with the same works, in the same order, when space may have returned
  };

  // Stores the works in order and sends their promises, then sets `status` of each. Once one has
  // failed every later one fails with the same error, and promises nothing: the storage is latched.
  Outcome Write(absl::Span<const std::unique_ptr<AppendWork>> works);

 private:
  absl::Status Store(absl::Span<const std::unique_ptr<AppendWork>> works);
  absl::Status Take(AppendWork& work);
  void SendPromises(absl::Span<const std::unique_ptr<AppendWork>> works);

  LogStorage& storage_;
  Transport& transport_;
  StageLatencies& latencies_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_LOG_WRITER_H_
