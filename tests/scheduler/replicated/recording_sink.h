// Keeps the outcomes of an entry, as the proposals of a leader would get them.
#ifndef BLIXARD_TESTS_SCHEDULER_REPLICATED_RECORDING_SINK_H_
#define BLIXARD_TESTS_SCHEDULER_REPLICATED_RECORDING_SINK_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/runtime/state_machine.h"
#include "scheduler/replicated/outcome.h"

namespace blixard::scheduler {

class RecordingSink : public raft::OutcomeSink {
 public:
  void Set(size_t position, absl::string_view outcome) override {
    EXPECT_EQ(position, outcomes_.size()) << "outcomes come in the order of the batch";
    outcomes_.push_back(DecodeOutcome(outcome).value());
  }

  const std::vector<Outcome>& outcomes() const { return outcomes_; }
  void Clear() { outcomes_.clear(); }

 private:
  std::vector<Outcome> outcomes_;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_TESTS_SCHEDULER_REPLICATED_RECORDING_SINK_H_
