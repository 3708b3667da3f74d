// Snapshots of state machines that are small enough to be one string.
#ifndef BLIXARD_RAFT_RUNTIME_SNAPSHOT_BYTES_H_
#define BLIXARD_RAFT_RUNTIME_SNAPSHOT_BYTES_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

// A picture that was encoded already: what StateMachine::Freeze may return.
class EncodedView final : public StateView {
 public:
  explicit EncodedView(std::string bytes) : bytes_(std::move(bytes)) {}
  absl::Status WriteTo(SnapshotSink& sink) override { return sink.Write(bytes_); }

 private:
  const std::string bytes_;
};

// The whole stream, for StateMachine::Restore. Returns the source's error, if it has one.
absl::StatusOr<std::string> ReadAll(SnapshotSource& source);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_SNAPSHOT_BYTES_H_
