// How long proposals spend where.
#ifndef BLIXARD_RAFT_RUNTIME_STAGE_LATENCIES_H_
#define BLIXARD_RAFT_RUNTIME_STAGE_LATENCIES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "raft/runtime/latency_histogram.h"
#include "raft/runtime/stage_clock.h"

namespace blixard::raft {

// In the order of a proposal's way; kStore runs beside kQuorum.
enum class Stage : uint8_t {
  kQueue,   // a proposal, from Propose until it is planned
  kPlan,    // an entry, in the planner
  kStore,   // a batch of the log, from the protocol thread until it is durable
  kQuorum,  // an entry, from its proposal until it is committed and durable here
  kApply,   // a batch of entries, from the protocol thread until they are applied
  kAnswer,  // a proposal, from Propose until its answer
};
inline constexpr size_t kStages = 6;

inline constexpr absl::string_view StageName(Stage stage) {
  constexpr absl::string_view kNames[kStages] = {"queue",  "plan",  "store",
                                                 "quorum", "apply", "answer"};
  return kNames[static_cast<size_t>(stage)];
}

// Thread-safe, without locks. The clock is not owned and outlives it.
class StageLatencies {
 public:
  explicit StageLatencies(StageClock& clock) : clock_(clock) {}

  uint64_t NowNanoseconds() { return clock_.NowNanoseconds(); }

  // What began at `begin_ns` and ended at `end_ns`; a clock that disagrees counts as no time.
  struct Interval {
    uint64_t begin_ns = 0;
    uint64_t end_ns = 0;
  };
  void Record(Stage stage, const Interval& interval) {
    histograms_[static_cast<size_t>(stage)].Record(
        interval.end_ns > interval.begin_ns ? interval.end_ns - interval.begin_ns : 0);
  }

  LatencySnapshot Snapshot(Stage stage) const {
    return histograms_[static_cast<size_t>(stage)].Snapshot();
  }

 private:
  StageClock& clock_;
  std::array<LatencyHistogram, kStages> histograms_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_STAGE_LATENCIES_H_
