// A state machine that does no more than look at what it is given.
#ifndef BLIXARD_BENCH_RAFT_COUNTING_STATE_MACHINE_H_
#define BLIXARD_BENCH_RAFT_COUNTING_STATE_MACHINE_H_

#include <glog/logging.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/snapshot_stream.h"
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

  // The count as its decimal digits.
  std::unique_ptr<raft::StateView> Freeze() override { return std::make_unique<Count>(bytes_); }

  absl::Status Restore(raft::SnapshotSource& source) override {
    std::array<char, 32> digits;
    const absl::StatusOr<size_t> read = source.Read(absl::MakeSpan(digits));
    if (!read.ok()) return read.status();
    if (absl::SimpleAtoi(absl::string_view(digits.data(), *read), &bytes_)) return absl::OkStatus();
    return absl::DataLossError("state: want a number of bytes, got no number");
  }

  uint64_t bytes() const { return bytes_; }

 private:
  class Count : public raft::StateView {
   public:
    explicit Count(uint64_t bytes) : digits_(absl::StrCat(bytes)) {}
    absl::Status WriteTo(raft::SnapshotSink& sink) override { return sink.Write(digits_); }

   private:
    const std::string digits_;
  };

  uint64_t bytes_ = 0;
};

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RAFT_COUNTING_STATE_MACHINE_H_
