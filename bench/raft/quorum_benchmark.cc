// What counting a quorum costs: on every acknowledgement the leader asks for the committed index.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/rows.h"
#include "raft/core/configuration.h"
#include "raft/core/quorum.h"
#include "raft/core/types.h"

namespace blixard::bench {
namespace {

using raft::Configuration;
using raft::LogIndex;
using raft::ReplicaId;

std::vector<ReplicaId> Replicas(uint64_t first, uint64_t count) {
  std::vector<ReplicaId> ids;
  for (uint64_t id = first; id < first + count; ++id) ids.push_back(ReplicaId{id});
  return ids;
}

// Acknowledgements that move a little between calls, as a leader sees them.
void CountCommitted(benchmark::State& state, const Configuration& configuration) {
  std::vector<LogIndex> acked(raft::kMaxMembers + 1);
  for (size_t i = 0; i < acked.size(); ++i) acked[i] = LogIndex{i * 37 % 64};
  uint64_t next = 0;
  for (auto _ : state) {
    LogIndex& index = acked[++next % configuration.voters.size() + 1];
    index = index + next % 8;
    benchmark::DoNotOptimize(raft::CommittedIndex(
        configuration, [&](ReplicaId id) { return acked[static_cast<uint64_t>(id)]; }));
  }
}

void BM_CommittedIndex(benchmark::State& state) {
  const auto voters = static_cast<uint64_t>(state.range(0));
  CountCommitted(state, {.voters = Replicas(1, voters)});
}
BENCHMARK(BM_CommittedIndex)->ArgName("voters")->Arg(3)->Arg(5)->Arg(7)->Arg(31);

void BM_JointCommittedIndex(benchmark::State& state) {
  const auto voters = static_cast<uint64_t>(state.range(0));
  CountCommitted(state, {.voters = Replicas(1, voters), .outgoing = Replicas(2, voters)});
}
BENCHMARK(BM_JointCommittedIndex)->ArgName("voters")->Arg(3)->Arg(5);

const bool kRows = Promise(
    {{.subject = "core: committed index, 3 voters", .benchmark = "BM_CommittedIndex/voters:3"},
     {.subject = "core: committed index, 7 voters", .benchmark = "BM_CommittedIndex/voters:7"},
     {.subject = "core: committed index, joint, 5 voters each",
      .benchmark = "BM_JointCommittedIndex/voters:5"}});

}  // namespace
}  // namespace blixard::bench
