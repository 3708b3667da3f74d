// The placement service's state in a snapshot (scheduler/replicated/state_snapshot.h).
#include <glog/logging.h>

#include <memory>
#include <string>
#include <vector>

#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/state_machine.h"
#include "scheduler/replicated/placement_state_machine.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/raft/runtime/memory_stream.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::fuzz {
namespace {

using scheduler::PlacementStateMachine;

const scheduler::PlacementOptions kOptions = {
    .limits = {.max_nodes = 100, .max_vms = 1000, .remembered_requests = 20},
    .checkpoint_interval = 4};

class NoOutcomes : public raft::OutcomeSink {
 public:
  void Set(size_t, absl::string_view) override {}
};

std::string Written(PlacementStateMachine& machine) {
  raft::MemorySink sink;
  CHECK(machine.Freeze()->WriteTo(sink).ok());
  return sink.bytes();
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  PlacementStateMachine machine(kOptions);
  raft::MemorySource source{std::string(bytes)};
  if (!machine.Restore(source).ok()) return;
  CHECK(Written(machine) == bytes) << "a state has two snapshots";
  machine.Read([](const scheduler::ClusterState& state, raft::LogIndex) {
    CHECK(state.digest() == state.ComputeDigestFromScratch());
  });
}

std::vector<std::string> Seeds() {
  PlacementStateMachine machine(kOptions);
  std::vector<std::string> seeds = {Written(machine)};
  NoOutcomes outcomes;
  const auto apply = [&](uint64_t index, const memory::Buffer& payload) {
    machine.Apply({.term = {1}, .index = {index}}, payload.view(), outcomes);
    seeds.push_back(Written(machine));
  };
  apply(2, scheduler::PayloadOf({scheduler::RegisterNode(1, "n1"), scheduler::CreateVm(2, "a")}));
  apply(8, scheduler::PayloadOf({scheduler::RegisterNode(3, "n2"), scheduler::CreateVm(4, "b"),
                                 scheduler::DeleteVm(5, "a")}));
  return seeds;
}

}  // namespace blixard::fuzz
