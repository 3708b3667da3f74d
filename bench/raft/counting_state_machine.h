// A state machine that does no more than look at what it is given.
#ifndef BLIXARD_BENCH_RAFT_COUNTING_STATE_MACHINE_H_
#define BLIXARD_BENCH_RAFT_COUNTING_STATE_MACHINE_H_

#include <glog/logging.h>

#include <cstdint>

#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/state_machine.h"

namespace blixard::bench {

// For entries of PassThroughPlanner.
class CountingStateMachine : public raft::StateMachine {
 public:
  void Apply(raft::EntryId /*id*/, absl::string_view payload, raft::OutcomeSink&) override {
    raft::PassThroughReader reader(payload);
    for (auto request = reader.Next(); request.value().has_value(); request = reader.Next()) {
      bytes_ += (*request)->size();
    }
  }

  uint64_t bytes() const { return bytes_; }

 private:
  uint64_t bytes_ = 0;
};

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RAFT_COUNTING_STATE_MACHINE_H_
