// Members that come and go in a cluster of real processes, under load: what was acknowledged must
// be on those that are left, once.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "rpc/cli/verification.h"
#include "rpc/client/membership_client.h"
#include "rpc/client/replica_client.h"
#include "scheduler/traces/sample.h"
#include "scheduler/traces/trace.h"
#include "tests/integration/cluster_processes.h"

namespace blixard::rpc {
namespace {

using scheduler::traces::GenerateSample;
using scheduler::traces::Trace;

constexpr absl::Duration kPatience = absl::Seconds(60);

class MembershipTest : public ClusterProcesses {
 protected:
  void SetUp() override {
    ClusterProcesses::SetUp();
    if (HasFatalFailure()) return;
    members_.emplace(addresses(), kPatience);
    AwaitLeader();
  }

  std::string address(uint64_t id) const { return addresses().at(id - 1); }

  std::set<uint64_t> Ids(v1::MemberRole role) {
    std::set<uint64_t> ids;
    const absl::StatusOr<v1::ListMembersResponse> list = members_->List();
    EXPECT_TRUE(list.ok()) << list.status();
    if (!list.ok()) return ids;
    for (const v1::Member& member : list->members()) {
      if (member.role() == role) ids.insert(member.replica_id());
    }
    return ids;
  }

  // Until the leader has noticed that `id` answers no more.
  void AwaitInactive(uint64_t id) {
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      const absl::StatusOr<v1::ListMembersResponse> list = members_->List();
      ASSERT_TRUE(list.ok()) << list.status();
      for (const v1::Member& member : list->members()) {
        if (member.replica_id() == id && !member.active()) return;
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
    FAIL() << "replica " << id << " is taken for active";
  }

  uint64_t Leader() {
    const absl::StatusOr<v1::ListMembersResponse> list = members_->List();
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? list->leader_id() : 1;
  }

  // A new process becomes a learner, catches up and votes. Returns its id.
  uint64_t AddVoter() {
    const absl::StatusOr<uint64_t> id = cluster_->Join();
    EXPECT_TRUE(id.ok()) << id.status();
    if (!id.ok()) return 0;
    const absl::Status added = members_->Add(*id, address(*id));
    EXPECT_TRUE(added.ok()) << added;
    absl::Status promoted;
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      promoted = members_->Promote(*id);
      if (!absl::IsFailedPrecondition(promoted)) break;  // it is still too far behind
      absl::SleepFor(absl::Milliseconds(20));
    }
    EXPECT_TRUE(promoted.ok()) << promoted;
    return *id;
  }

  void RemoveAndStop(uint64_t id) {
    const absl::Status removed = members_->Remove(id);
    EXPECT_TRUE(removed.ok()) << removed;
    cluster_->Signal(id, SIGTERM);
  }

  // Replays `trace` while `steps` run beside it: the last requests wait for the last step. The
  // steps run here, because processes end with the thread that started them.
  ReplayLog ReplayBeside(const Trace& trace, const std::function<void()>& steps) {
    std::atomic<bool> done{false};
    ReplayLog log;
    std::thread replay([&] {
      log = Replay(trace, [&](double share) {
        if (!done) absl::SleepFor(absl::Milliseconds(1));
        while (!done && share > 0.9) absl::SleepFor(absl::Milliseconds(5));
      });
    });
    steps();
    done = true;
    replay.join();
    return log;
  }

  void ExpectNothingLostOn(const std::set<uint64_t>& ids, const Trace& trace,
                           const ReplayLog& log) {
    std::vector<std::string> where;
    for (uint64_t id : ids) where.push_back(address(id));
    const absl::StatusOr<std::vector<ReplicaContent>> replicas = ReadReplicas(where, kPatience);
    ASSERT_TRUE(replicas.ok()) << replicas.status();
    const Verdict verdict = Verify(trace, log.vms, *replicas);
    EXPECT_TRUE(verdict.clean()) << "lost " << verdict.vms_lost << ", doubled "
                                 << verdict.vms_duplicated << ", misplaced "
                                 << verdict.vms_misplaced;
    EXPECT_EQ(replicas->front().vms.size(), log.placed - log.deleted);
  }

  std::optional<MembershipClient> members_;
};

class GrownClusterTest : public MembershipTest {
 protected:
  size_t replicas() const override { return 1; }

  uint64_t TermOf(uint64_t id) {
    const auto status = ReplicaClient(address(id), absl::Seconds(5)).GetStatus();
    return status.ok() ? status->term() : 0;
  }
};

// Its --peer flags name nobody else. Two voters: should it just go, the other one can never be
// elected, and stays in the term it is in.
TEST_F(GrownClusterTest, LeaderThatBeganAloneHandsOverBeforeItStops) {
  EXPECT_EQ(AddVoter(), 2u);
  ASSERT_EQ(Leader(), 1u);
  const uint64_t term = TermOf(2);
  cluster_->Signal(1, SIGTERM);
  const absl::Time end = absl::Now() + kPatience;
  while (TermOf(2) <= term && absl::Now() < end) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_GT(TermOf(2), term) << "replica 2 was asked to take over";
}

TEST_F(MembershipTest, EveryReplicaOfTheBeginningIsReplacedUnderLoad) {
  const Trace trace = GenerateSample({.seed = 21, .vms = 12'000, .days = 3});
  const ReplayLog log = ReplayBeside(trace, [&] {
    const uint64_t first_leader = Leader();
    EXPECT_EQ(AddVoter(), 4u);
    RemoveAndStop(first_leader);
    const absl::StatusOr<uint64_t> leader = members_->Transfer(4);
    EXPECT_TRUE(leader.ok()) << leader.status();
    for (uint64_t id : {1, 2, 3}) {
      if (id == first_leader) continue;
      AddVoter();
      RemoveAndStop(id);
    }
  });
  const std::set<uint64_t> left = {4, 5, 6};
  EXPECT_EQ(Ids(v1::MEMBER_ROLE_VOTER), left);
  EXPECT_EQ(Ids(v1::MEMBER_ROLE_LEARNER), std::set<uint64_t>());
  ExpectNothingLostOn(left, trace, log);
}

// The runbook's "replace a failed replica".
TEST_F(MembershipTest, FollowerThatLostItsDiskIsReplacedByANewOne) {
  const Trace trace = GenerateSample({.seed = 22, .vms = 6'000, .days = 3});
  uint64_t lost = 0;
  const ReplayLog log = ReplayBeside(trace, [&] {
    lost = Leader() % 3 + 1;
    const std::string directory = cluster_->members().at(lost - 1).data_directory;
    Kill(lost);
    std::filesystem::remove_all(directory);
    const absl::Status removed = members_->Remove(lost);
    EXPECT_TRUE(removed.ok()) << removed;
    EXPECT_EQ(AddVoter(), 4u);
  });
  std::set<uint64_t> left = {1, 2, 3, 4};
  left.erase(lost);
  EXPECT_EQ(Ids(v1::MEMBER_ROLE_VOTER), left);
  ExpectNothingLostOn(left, trace, log);
}

// It was away while its group was replaced around it: it knows none of those that lead now.
TEST_F(MembershipTest, FollowerThatMissedAllChangesFindsTheNewLeader) {
  const Trace trace = GenerateSample({.seed = 23, .vms = 3'000, .days = 3});
  const uint64_t first_leader = Leader();
  const uint64_t away = first_leader % 3 + 1;
  Kill(away);
  const ReplayLog log = Replay(trace, [](double) {});
  AddVoter();
  RemoveAndStop(first_leader);
  AddVoter();
  const absl::StatusOr<uint64_t> leader = members_->Transfer(5);
  ASSERT_TRUE(leader.ok()) << leader.status();
  Restart(away);
  std::set<uint64_t> left = {1, 2, 3, 4, 5};
  left.erase(first_leader);
  EXPECT_EQ(Ids(v1::MEMBER_ROLE_VOTER), left);
  ExpectNothingLostOn(left, trace, log);
}

TEST_F(MembershipTest, ChangesThatMakeNoSenseAreRefusedAndSayWhy) {
  const auto code = [](const absl::Status& status) { return status.code(); };
  EXPECT_EQ(code(members_->Remove(9)), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(members_->Promote(9)), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(members_->Promote(2)), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(code(members_->Transfer(9).status()), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(members_->Add(0, "127.0.0.1:1")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(members_->Add(4, "nowhere")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(members_->Add(2, address(2))), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(code(members_->Add(4, address(2))), absl::StatusCode::kAlreadyExists);
  // Nobody runs there: it becomes a learner, and stays one.
  EXPECT_EQ(code(members_->Add(4, "127.0.0.1:1")), absl::StatusCode::kOk);
  EXPECT_EQ(code(members_->Promote(4)), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(members_->Transfer(4).status()), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(members_->Remove(4)), absl::StatusCode::kOk);
  // Two voters of which one is away would decide nothing any more.
  const uint64_t leader = Leader();
  const uint64_t away = leader % 3 + 1;
  Kill(away);
  AwaitInactive(away);
  MembershipClient impatient(addresses(), absl::Seconds(3));
  EXPECT_EQ(code(impatient.Remove(away % 3 + 1)), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Ids(v1::MEMBER_ROLE_VOTER), (std::set<uint64_t>{1, 2, 3}));
  EXPECT_EQ(code(members_->Remove(away)), absl::StatusCode::kOk);
  EXPECT_EQ(code(members_->Remove(away % 3 + 1)), absl::StatusCode::kOk);
  const absl::Status last = members_->Remove(leader);
  EXPECT_EQ(code(last), absl::StatusCode::kFailedPrecondition) << last;
}

}  // namespace
}  // namespace blixard::rpc
