// Real processes, real logs, real kills: what was acknowledged must be there afterwards, once.
#include <optional>

#include "absl/time/clock.h"
#include "scheduler/traces/sample.h"
#include "tests/integration/cluster_processes.h"

namespace blixard::rpc {
namespace {

using scheduler::traces::GenerateSample;
using scheduler::traces::Trace;

Trace Sample(uint64_t seed) { return GenerateSample({.seed = seed, .vms = 12'000, .days = 3}); }

// Runs `act` once, as soon as the replay has come to `share`.
class Once {
 public:
  Once(double share, std::function<void()> act) : share_(share), act_(std::move(act)) {}

  void operator()(double share) {
    if (done_ || share < share_) return;
    done_ = true;
    act_();
  }
  bool done() const { return done_; }

 private:
  const double share_;
  const std::function<void()> act_;
  bool done_ = false;
};

// Runs `act` once, `delay` after it was armed.
class After {
 public:
  After(absl::Duration delay, std::function<void()> act) : delay_(delay), act_(std::move(act)) {}

  void Arm() { at_ = absl::Now() + delay_; }
  void Poll() {
    if (!at_.has_value() || done_ || absl::Now() < *at_) return;
    done_ = true;
    act_();
  }
  // For the end of a replay that was faster than the delay.
  void Finish() {
    while (!done_) {
      absl::SleepFor(absl::Milliseconds(10));
      Poll();
    }
  }

 private:
  const absl::Duration delay_;
  const std::function<void()> act_;
  std::optional<absl::Time> at_;
  bool done_ = false;
};

using FaultsTest = ClusterProcesses;

TEST_F(FaultsTest, LeaderKilledInTheMiddleOfAReplayComesBack) {
  const Trace trace = Sample(11);
  uint64_t killed = 0;
  After restart(absl::Seconds(1.5), [&] { Restart(killed); });
  Once kill(0.3, [&] {
    killed = AwaitLeader();
    Kill(killed);
    restart.Arm();
  });
  const ReplayLog log = Replay(trace, [&](double share) {
    kill(share);
    restart.Poll();
  });
  ASSERT_TRUE(kill.done());
  restart.Finish();
  EXPECT_GT(client_->counters().retries, 0u) << "the kill was not felt";
  ExpectNothingLostOrDoubled(trace, log);
}

TEST_F(FaultsTest, AllKilledInTheMiddleOfAReplayComeBack) {
  const Trace trace = Sample(12);
  After restart(absl::Seconds(0.5), [&] {
    for (uint64_t id : {1, 2, 3}) Restart(id);
  });
  Once kill(0.5, [&] {
    for (uint64_t id : {1, 2, 3}) Kill(id);
    restart.Arm();
  });
  const ReplayLog log = Replay(trace, [&](double share) {
    kill(share);
    restart.Poll();
  });
  ASSERT_TRUE(kill.done());
  EXPECT_GT(client_->counters().retries, 0u) << "the kill was not felt";
  ExpectNothingLostOrDoubled(trace, log);
}

TEST_F(FaultsTest, StateAfterAllWereKilledIsWhatWasAcknowledged) {
  const Trace trace = Sample(13);
  const ReplayLog log = Replay(trace, [](double) {});
  for (uint64_t id : {1, 2, 3}) Kill(id);
  for (uint64_t id : {1, 2, 3}) Restart(id);
  ExpectNothingLostOrDoubled(trace, log);
}

TEST_F(FaultsTest, SuspendedFollowerCatchesUp) {
  const Trace trace = Sample(14);
  uint64_t suspended = 0;
  Once suspend(0.1, [&] {
    suspended = AwaitLeader() % 3 + 1;
    Suspend(suspended);
  });
  Once resume(0.7, [&] { Resume(suspended); });
  const ReplayLog log = Replay(trace, [&](double share) {
    suspend(share);
    resume(share);
  });
  ASSERT_TRUE(suspend.done() && resume.done());
  ExpectNothingLostOrDoubled(trace, log);
}

TEST_F(FaultsTest, FollowerThatMissedTheWholeReplayCatchesUp) {
  const Trace trace = Sample(15);
  const uint64_t missing = AwaitLeader() % 3 + 1;
  Kill(missing);
  const ReplayLog log = Replay(trace, [](double) {});
  Restart(missing);
  ExpectNothingLostOrDoubled(trace, log);
}

// A leader that is not dead but asleep wakes up in an older term: what it had promised to nobody
// must not come back, and its clients must have been served elsewhere.
TEST_F(FaultsTest, SuspendedLeaderIsReplacedAndComesBackAsAFollower) {
  const Trace trace = Sample(16);
  uint64_t suspended = 0;
  After resume(absl::Seconds(3), [&] { Resume(suspended); });
  Once suspend(0.4, [&] {
    suspended = AwaitLeader();
    Suspend(suspended);
    resume.Arm();
  });
  const ReplayLog log = Replay(trace, [&](double share) {
    suspend(share);
    resume.Poll();
  });
  ASSERT_TRUE(suspend.done());
  resume.Finish();
  ExpectNothingLostOrDoubled(trace, log);
}

}  // namespace
}  // namespace blixard::rpc
