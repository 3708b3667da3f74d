// For tests whose state machine remembers nothing: its snapshots are empty streams.
#ifndef BLIXARD_TESTS_RAFT_RUNTIME_STATELESS_MACHINE_H_
#define BLIXARD_TESTS_RAFT_RUNTIME_STATELESS_MACHINE_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

class StatelessMachine : public StateMachine {
 public:
  std::unique_ptr<StateView> Freeze() override { return std::make_unique<EmptyView>(); }

  absl::Status Restore(SnapshotSource& source) override {
    char byte = 0;
    const absl::StatusOr<size_t> read = source.Read(absl::MakeSpan(&byte, 1));
    if (!read.ok()) return read.status();
    return *read == 0 ? absl::OkStatus() : absl::DataLossError("state: want an empty stream");
  }

 private:
  class EmptyView : public StateView {
    absl::Status WriteTo(SnapshotSink&) override { return absl::OkStatus(); }
  };
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_RUNTIME_STATELESS_MACHINE_H_
