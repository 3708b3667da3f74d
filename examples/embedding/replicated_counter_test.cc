// A program of somebody else: it keeps a counter on three replicas, and loses nothing when it is
// started again. docs/raft.md shows its middle.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "raft/core/types.h"
#include "raft/runtime/blocking_calls.h"
#include "raft/runtime/local_transport.h"
#include "raft/runtime/replica_on_disk.h"
#include "raft/runtime/string_state_machine.h"

namespace {

namespace raft = blixard::raft;

// Every replica has a copy, which the log changes.
class Counter final : public raft::StringStateMachine {
 public:
  int64_t count() const { return count_; }

 private:
  std::string CarryOut(absl::string_view request) override {
    int64_t step = 0;
    if (!absl::SimpleAtoi(request, &step)) return "want a number";  // an outcome like others
    return absl::StrCat(count_ += step);
  }
  std::string Save() override { return absl::StrCat(count_.load()); }
  absl::Status Load(absl::string_view state) override {
    int64_t count = 0;
    if (!absl::SimpleAtoi(state, &count)) return absl::DataLossError("counter: want a number");
    count_ = count;
    return absl::OkStatus();
  }

  std::atomic<int64_t> count_{0};  // other threads read it
};

struct Member {
  absl::Status Start(uint64_t id, const std::string& directory, raft::LocalTransport& network) {
    raft::ReplicaConfig config{.cluster = raft::ClusterId{1}, .id = raft::ReplicaId{id}};
    config.voters = {raft::ReplicaId{1}, raft::ReplicaId{2}, raft::ReplicaId{3}};
    auto started = raft::ReplicaOnDisk::Start(
        config, {.directory = directory}, {.transport = network, .state_machine = counter},
        [](const absl::Status&) { std::abort(); });  // its disk is not to be trusted
    if (!started.ok()) return started.status();
    on_disk = *std::move(started);
    network.Connect(config.id, on_disk->replica());  // from now on peers reach it
    return absl::OkStatus();
  }

  // On the leader; the others answer kFailedPrecondition. kUnknown: it may have happened.
  absl::StatusOr<std::string> Add(int64_t step) {
    return raft::ProposeAndWait(on_disk->replica(), absl::StrCat(step));
  }

  // On every replica, linearizable.
  absl::StatusOr<int64_t> Read() {
    if (absl::Status read = raft::AwaitReadable(on_disk->replica()); !read.ok()) return read;
    return counter.count();
  }

  Counter counter;
  std::unique_ptr<raft::ReplicaOnDisk> on_disk;  // after what it uses
};

class ReplicatedCounterTest : public ::testing::Test {
 protected:
  ReplicatedCounterTest() { Start(); }
  ~ReplicatedCounterTest() override { Stop(); }

  void Start() {
    for (uint64_t id : {1, 2, 3}) {
      const absl::Status started =
          members_.emplace_back().Start(id, absl::StrCat(::testing::TempDir(), "/", id), network_);
      ASSERT_TRUE(started.ok()) << started;
    }
  }

  void Stop() {
    for (uint64_t id : {1, 2, 3}) network_.Disconnect(raft::ReplicaId{id});
    members_.clear();
  }

  // On whichever replica leads.
  std::string Add(int64_t step) {
    for (const absl::Time end = absl::Now() + absl::Seconds(60); absl::Now() < end;) {
      for (Member& member : members_) {
        const absl::StatusOr<std::string> outcome = member.Add(step);
        if (outcome.ok()) return *outcome;
      }
      absl::SleepFor(absl::Milliseconds(10));
    }
    return "no leader";
  }

  raft::LocalTransport network_;
  std::deque<Member> members_;
};

TEST_F(ReplicatedCounterTest, EveryReplicaCountsAndRemembers) {
  EXPECT_EQ(Add(40), "40");
  EXPECT_EQ(Add(2), "42");
  for (Member& member : members_) EXPECT_EQ(member.Read().value_or(-1), 42);
  Stop();
  Start();
  EXPECT_EQ(Add(-2), "40");
}

}  // namespace
