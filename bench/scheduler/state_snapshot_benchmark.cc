// What a snapshot of the placement state costs: the moment that applying waits (freezing), what
// applying pays while the view lives (copies of pages), and what another thread does meanwhile.
#include <benchmark/benchmark.h>
#include <glog/logging.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "bench/rows.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"
#include "scheduler/replicated/command.h"
#include "scheduler/replicated/placement_state_machine.h"
#include "scheduler/replicated/request_table.h"

namespace blixard::bench {
namespace {

using scheduler::Command;
using scheduler::CommandOp;
using scheduler::PlacementStateMachine;

constexpr size_t kVmsPerNode = 50;

class NoOutcomes : public raft::OutcomeSink {
 public:
  void Set(size_t, absl::string_view) override {}
};

// Takes the bytes and forgets them.
class CountingSink : public raft::SnapshotSink {
 public:
  absl::Status Write(absl::string_view bytes) override {
    bytes_ += bytes.size();
    return absl::OkStatus();
  }
  uint64_t bytes() const { return bytes_; }

 private:
  uint64_t bytes_ = 0;
};

class StringSink : public raft::SnapshotSink {
 public:
  absl::Status Write(absl::string_view bytes) override {
    absl::StrAppend(&bytes_, bytes);
    return absl::OkStatus();
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class StringSource : public raft::SnapshotSource {
 public:
  explicit StringSource(absl::string_view bytes) : rest_(bytes) {}
  absl::StatusOr<size_t> Read(absl::Span<char> into) override {
    const size_t read = rest_.copy(into.data(), into.size());
    rest_.remove_prefix(read);
    return read;
  }

 private:
  absl::string_view rest_;
};

// A cluster full of VMs, whose request table is full too.
class Cluster {
 public:
  explicit Cluster(size_t vms) : vms_(vms) {
    for (size_t node = 0; node * kVmsPerNode < vms; ++node) {
      Apply({.op = CommandOp::kRegisterNode,
             .name = Name("node-", node),
             .resources = {.vcpu_milli = 1'000'000, .memory_mib = 1'000'000, .disk_gib = 100'000}});
    }
    for (size_t vm = 0; vm < vms; ++vm) Create(vm);
    while (index_ < scheduler::kRequestTableBound) Churn();
  }

  // Replaces a VM by another one, all over the table.
  void Churn() {
    const size_t vm = (churned_++ * 7919) % vms_;
    Apply({.op = CommandOp::kDeleteVm, .name = Name("vm-", vm)});
    Create(vm);
  }

  PlacementStateMachine& machine() { return machine_; }

 private:
  absl::string_view Name(absl::string_view kind, size_t number) {
    name_.clear();
    absl::StrAppend(&name_, kind, number);
    return name_;
  }

  void Create(size_t vm) {
    const size_t node = vm / kVmsPerNode + 1;
    Apply({.op = CommandOp::kCreateVm,
           .name = Name("vm-", vm),
           .resources = {.vcpu_milli = 100, .memory_mib = 100, .disk_gib = 1},
           .node = scheduler::NodeId{static_cast<uint32_t>(node)},
           .registration = scheduler::RegistrationId{node}});
  }

  void Apply(Command command) {
    command.request_id = {.client_id = 1, .sequence = ++index_};
    memory::Buffer payload = memory::BufferPool::Default().Acquire(256).value();
    scheduler::CommandWriter(payload).Append(command);
    machine_.Apply({.term = {1}, .index = {index_}}, payload.view(), outcomes_);
  }

  const size_t vms_;
  PlacementStateMachine machine_{{.checkpoint_interval = 1 << 20}};
  NoOutcomes outcomes_;
  uint64_t index_ = 0;
  uint64_t churned_ = 0;
  std::string name_;
};

// One for all benchmarks of a size: it takes long to make.
Cluster& ClusterOf(size_t vms) {
  static std::unique_ptr<Cluster> cluster;
  static size_t size = 0;
  if (size != vms) {
    cluster = std::make_unique<Cluster>(vms);
    size = vms;
  }
  return *cluster;
}

void BM_FreezeState(benchmark::State& state) {
  Cluster& cluster = ClusterOf(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    const std::unique_ptr<raft::StateView> view = cluster.machine().Freeze();
    benchmark::DoNotOptimize(view.get());
  }
}
BENCHMARK(BM_FreezeState)->Arg(50'000)->Arg(500'000);

void BM_WriteState(benchmark::State& state) {
  const std::unique_ptr<raft::StateView> view =
      ClusterOf(static_cast<size_t>(state.range(0))).machine().Freeze();
  for (auto _ : state) {
    CountingSink sink;
    CHECK(view->WriteTo(sink).ok());
    state.counters["bytes"] = static_cast<double>(sink.bytes());
  }
}
BENCHMARK(BM_WriteState)->Arg(50'000)->Unit(benchmark::kMillisecond);

void BM_RestoreState(benchmark::State& state) {
  StringSink sink;
  CHECK(ClusterOf(static_cast<size_t>(state.range(0))).machine().Freeze()->WriteTo(sink).ok());
  PlacementStateMachine machine({.checkpoint_interval = 1 << 20});
  for (auto _ : state) {
    StringSource source(sink.bytes());
    CHECK(machine.Restore(source).ok());
  }
}
BENCHMARK(BM_RestoreState)->Arg(50'000)->Unit(benchmark::kMillisecond);

// Two commands each. With a view that is replaced by a fresh one every `range(1)` changes: 0 never.
void BM_ChurnBesideView(benchmark::State& state) {
  Cluster& cluster = ClusterOf(static_cast<size_t>(state.range(0)));
  std::unique_ptr<raft::StateView> view;
  int64_t changes = 0;
  for (auto _ : state) {
    if (state.range(1) != 0 && changes++ % state.range(1) == 0) {
      state.PauseTiming();
      view = cluster.machine().Freeze();
      state.ResumeTiming();
    }
    cluster.Churn();
  }
}
BENCHMARK(BM_ChurnBesideView)->Args({50'000, 0})->Args({50'000, 10'000})->Args({50'000, 100});

const bool rows = Promise(
    {{.subject = "freeze a state of 50,000 VMs, 1,000 nodes and 262,144 requests",
      .benchmark = "BM_FreezeState/50000",
      .reach = 200'000,
      .peers = {{.name = "encoding it at once", .benchmark = "BM_WriteState/50000", .ratio = 10}}},
     {.subject = "freeze a state of 500,000 VMs, 10,000 nodes and 262,144 requests",
      .benchmark = "BM_FreezeState/500000"},
     {.subject = "delete and create a VM, a snapshot being taken",
      .benchmark = "BM_ChurnBesideView/50000/10000",
      .peers = {{.name = "none being taken", .benchmark = "BM_ChurnBesideView/50000/0"}}},
     {.subject = "the same, a snapshot begun after each 100 of them",
      .benchmark = "BM_ChurnBesideView/50000/100"},
     {.subject = "restore a state of 50,000 VMs", .benchmark = "BM_RestoreState/50000"}});

}  // namespace
}  // namespace blixard::bench
