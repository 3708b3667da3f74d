// A state that left through a snapshot and came back is the same one: its digest, its reads and
// whatever it answers from then on.
#include "scheduler/replicated/state_snapshot.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "scheduler/replicated/placement_planner.h"
#include "scheduler/replicated/placement_state_machine.h"
#include "tests/raft/runtime/memory_stream.h"
#include "tests/scheduler/replicated/random_requests.h"
#include "tests/scheduler/replicated/recording_sink.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::scheduler {
namespace {

const PlacementOptions kOptions = {
    .limits = {.max_nodes = 100, .max_vms = 5000, .remembered_requests = 50},
    .checkpoint_interval = 4};

std::string BytesOf(PlacementStateMachine& machine) {
  raft::MemorySink sink;
  EXPECT_TRUE(machine.Freeze()->WriteTo(sink).ok());
  return sink.bytes();
}

absl::Status RestoreFrom(const std::string& bytes, PlacementStateMachine& machine,
                         size_t piece = 4096) {
  raft::MemorySource source(bytes, piece);
  return machine.Restore(source);
}

// Plans random requests and applies what was planned.
class Workload {
 public:
  Workload(uint64_t seed, PlacementStateMachine& machine)
      : requests_(seed), planner_(machine), machine_(machine) {
    planner_.BeginTerm({1});
  }

  // The payload of one more entry, applied to the machine.
  memory::Buffer Step() {
    const std::string request = requests_.Next();
    const absl::string_view view = request;
    memory::Buffer payload = memory::BufferPool::Default().Acquire(4096).value();
    EXPECT_EQ(planner_.Plan({++index_}, {&view, 1}, payload), 1u);
    outcomes_ = Apply(payload, machine_);
    return payload;
  }

  std::vector<Outcome> Apply(const memory::Buffer& payload, PlacementStateMachine& machine) const {
    RecordingSink sink;
    machine.Apply({.term = {1}, .index = {index_}}, payload.view(), sink);
    return sink.outcomes();
  }

  const std::vector<Outcome>& outcomes() const { return outcomes_; }

 private:
  RandomRequests requests_;
  PlacementPlanner planner_;
  PlacementStateMachine& machine_;
  uint64_t index_ = 0;
  std::vector<Outcome> outcomes_;
};

TEST(StateSnapshotTest, ARestoredStateIsTheSameAndStaysSo) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    PlacementStateMachine original(kOptions);
    Workload workload(seed, original);
    std::mt19937_64 random(seed);
    for (uint64_t step = random() % 400; step > 0; --step) workload.Step();

    const std::string bytes = BytesOf(original);
    PlacementStateMachine restored(kOptions);
    ASSERT_TRUE(RestoreFrom(bytes, restored, 1 + random() % 300).ok());
    ASSERT_EQ(BytesOf(restored), bytes);
    ASSERT_EQ(restored.applied_index(), original.applied_index());
    ASSERT_EQ(restored.latest_checkpoint(), original.latest_checkpoint());
    for (int step = 0; step < 300; ++step) {
      const memory::Buffer payload = workload.Step();
      ASSERT_EQ(workload.Apply(payload, restored), workload.outcomes());
      ASSERT_EQ(restored.Summary().digest, original.Summary().digest) << "step " << step;
    }
    ASSERT_EQ(restored.latest_checkpoint(), original.latest_checkpoint());
    restored.Read([](const ClusterState& state, raft::LogIndex) {
      EXPECT_EQ(state.digest(), state.ComputeDigestFromScratch());
    });
  }
}

TEST(StateSnapshotTest, AViewKeepsTheStateOfItsMomentWhileOthersAreApplied) {
  PlacementStateMachine machine(kOptions);
  Workload workload(1, machine);
  for (int step = 0; step < 200; ++step) workload.Step();
  const std::string before = BytesOf(machine);
  const std::unique_ptr<raft::StateView> view = machine.Freeze();
  for (int step = 0; step < 300; ++step) workload.Step();
  raft::MemorySink sink;
  ASSERT_TRUE(view->WriteTo(sink).ok());
  EXPECT_EQ(sink.bytes(), before);
  EXPECT_NE(BytesOf(machine), before);
}

TEST(StateSnapshotTest, AViewIsWrittenOnAnotherThreadWhileEntriesAreApplied) {
  PlacementStateMachine machine(kOptions);
  Workload workload(2, machine);
  for (int round = 0; round < 20; ++round) {
    for (int step = 0; step < 20; ++step) workload.Step();
    const std::string before = BytesOf(machine);
    std::unique_ptr<raft::StateView> view = machine.Freeze();
    std::string written;
    std::thread writer([&written, view = std::move(view)]() mutable {
      raft::MemorySink sink;
      EXPECT_TRUE(view->WriteTo(sink).ok());
      view.reset();
      written = sink.bytes();
    });
    for (int step = 0; step < 100; ++step) workload.Step();
    writer.join();
    ASSERT_EQ(written, before);
  }
}

TEST(StateSnapshotTest, RestoringReplacesWhatWasThere) {
  PlacementStateMachine original(kOptions);
  Workload(3, original).Step();
  PlacementStateMachine other(kOptions);
  Workload workload(4, other);
  for (int step = 0; step < 100; ++step) workload.Step();
  ASSERT_TRUE(RestoreFrom(BytesOf(original), other).ok());
  EXPECT_EQ(other.applied_index(), raft::LogIndex{1});
  EXPECT_EQ(BytesOf(other), BytesOf(original));
}

// The smallest state with one of everything.
std::string SmallSnapshot() {
  PlacementStateMachine machine(kOptions);
  RecordingSink sink;
  const memory::Buffer payload = PayloadOf({RegisterNode(1, "n1"), CreateVm(2, "a")});
  machine.Apply({.term = {1}, .index = {4}}, payload.view(), sink);
  return BytesOf(machine);
}

TEST(StateSnapshotTest, AFailedRestoreChangesNothing) {
  PlacementStateMachine machine(kOptions);
  Workload workload(5, machine);
  for (int step = 0; step < 100; ++step) workload.Step();
  const std::string before = BytesOf(machine);
  const std::string small = SmallSnapshot();
  EXPECT_EQ(RestoreFrom(small.substr(0, small.size() - 1), machine).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(BytesOf(machine), before);
}

TEST(StateSnapshotTest, EveryCutIsDetected) {
  const std::string good = SmallSnapshot();
  PlacementStateMachine machine(kOptions);
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(RestoreFrom(good.substr(0, size), machine).code(), absl::StatusCode::kDataLoss)
        << "cut to " << size;
  }
  EXPECT_EQ(RestoreFrom(good + "x", machine).code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(RestoreFrom(good, machine).ok());
}

// Damage is for raft's checksums; still, nothing that decodes otherwise passes for the state.
TEST(StateSnapshotTest, NoFlippedBitOfTheClusterPasses) {
  const std::string good = SmallSnapshot();
  const size_t applied_at = 8 + 4 * 8;
  const size_t checkpoint_at = good.size() - 16 - 24;
  for (size_t at = 0; at < good.size(); ++at) {
    if (at >= applied_at && at < applied_at + 8) continue;       // not of the cluster
    if (at >= checkpoint_at && at < good.size() - 16) continue;  // nor these
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      PlacementStateMachine machine(kOptions);
      EXPECT_FALSE(RestoreFrom(bad, machine).ok()) << "byte " << at << " bit " << bit;
    }
  }
}

TEST(StateSnapshotTest, ASnapshotOfOtherLimitsIsRefusedByName) {
  const std::string bytes = SmallSnapshot();
  struct Case {
    std::string name;
    PlacementOptions options;
  };
  for (const Case& c :
       std::vector<Case>{{"max_nodes",
                          {.limits = {.max_nodes = 99, .max_vms = 5000, .remembered_requests = 50},
                          .checkpoint_interval = 4}},
                         {"max_vms",
                          {.limits = {.max_nodes = 100, .max_vms = 5001, .remembered_requests = 50},
                          .checkpoint_interval = 4}},
                         {"remembered_requests",
                          {.limits = {.max_nodes = 100, .max_vms = 5000, .remembered_requests = 51},
                          .checkpoint_interval = 4}},
                         {"checkpoint_interval",
                          {.limits = {.max_nodes = 100, .max_vms = 5000, .remembered_requests = 50},
                          .checkpoint_interval = 5}}}) {
    SCOPED_TRACE(c.name);
    PlacementStateMachine machine(c.options);
    const absl::Status status = RestoreFrom(bytes, machine);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(status.message().substr(0, c.name.size()), c.name);
  }
}

class FailingSink : public raft::SnapshotSink {
 public:
  absl::Status Write(absl::string_view) override {
    return absl::ResourceExhaustedError("no space left on device");
  }
};

TEST(StateSnapshotTest, TheErrorOfTheSinkComesBack) {
  PlacementStateMachine machine(kOptions);
  FailingSink sink;
  EXPECT_EQ(machine.Freeze()->WriteTo(sink).message(), "no space left on device");
}

// The format is frozen: a snapshot of today must be readable for ever.
TEST(StateSnapshotTest, TheBytesAreThoseOfVersionOne) {
  std::string want("BXSTATE\x01", 8);
  const auto put = [&want](uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) want.push_back(static_cast<char>(value >> (8 * i)));
  };
  for (const uint64_t header : {100, 5000, 50, 4, 4, 2, 1, 0, 1, 1, 2, 1}) put(header, 8);
  put(1, 4), put(1, 8), put(4000, 4), put(4096, 4), put(100, 4);  // the node
  want += "\x02n1";
  put(0, 4), put(1, 8), put(1, 4), put(1000, 4), put(1024, 4), put(1, 4);  // the VM
  want +=
      "\x01"
      "a";
  for (const uint64_t sequence : {1, 2}) {  // the requests
    put(7, 8), put(sequence, 8);
    put(1, 1), put(1, 4), put(sequence - 1, 8), put(0, 8), put(0, 8);
  }
  put(4, 8);  // the checkpoint
  const std::string bytes = SmallSnapshot();
  ASSERT_EQ(bytes.size(), want.size() + 2 * 16);
  EXPECT_EQ(bytes.substr(0, want.size()), want);
  EXPECT_EQ(bytes.substr(want.size(), 16), bytes.substr(want.size() + 16)) << "the same digest";
}

}  // namespace
}  // namespace blixard::scheduler
