// Sessions over real consensus: a group that loses messages, leaders and unsynced disks, and
// clients that repeat every request until they hear an outcome.
#include <glog/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/entry.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/split_mix.h"
#include "raft/core/types.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/session_request.h"
#include "raft/runtime/session_state_machine.h"
#include "raft/runtime/session_table.h"
#include "raft/runtime/state_machine.h"
#include "tests/raft/core/replica_group.h"
#include "tests/raft/runtime/session_journal.h"

namespace blixard::raft {
namespace {

constexpr uint64_t kReplicas = 3;
constexpr size_t kClients = 4;
constexpr SessionTableOptions kOptions{
    .max_sessions = 6, .window = 4, .max_outcome_bytes = 64, .outcome_bytes = 1 << 10};

// What one replica's log makes of its requests, entry by entry.
class AppliedLog {
 public:
  void Apply(const Entry& entry) {
    if (entry.type != EntryType::kCommand) return;
    Only outcome;
    sessions_.Apply(entry.id(), entry.payload.view(), outcome);
    outcome_ = outcome.bytes;
  }
  const std::string& outcome() const { return outcome_; }  // of the entry applied last
  uint64_t digest() const { return sessions_.sessions().Digest(); }
  const std::vector<std::string>& requests() const { return journal_.requests(); }

 private:
  // Every entry here holds one request.
  struct Only : OutcomeSink {
    void Set(size_t position, absl::string_view outcome) override {
      CHECK_EQ(position, 0u);
      bytes = std::string(outcome);
    }
    std::string bytes;
  };

  SessionJournal journal_;
  SessionStateMachine sessions_{journal_, kOptions};
  std::string outcome_;
};

// Sends one request at a time, again and again until it hears what became of it.
class PatientClient {
 public:
  explicit PatientClient(size_t name) : name_(name) {}

  std::string Request() const {
    std::string bytes;
    SessionRequest request;
    const std::string payload = absl::StrCat(name_, "/", number_);
    if (id_ != ClientId{}) {
      request.id = RequestId{.client = id_, .sequence = {sequence_}};
      request.payload = payload;
    }
    EncodeSessionRequest(request, bytes);
    return bytes;
  }

  void Hear(absl::string_view bytes) {
    const absl::StatusOr<SessionOutcome> outcome = DecodeSessionOutcome(bytes);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    repeated_ += outcome->status == SessionStatus::kRepeated ? 1 : 0;
    switch (outcome->status) {
      case SessionStatus::kRegistered:
        id_ = outcome->client;
        sequence_ = 1;
        return;
      case SessionStatus::kApplied:
      case SessionStatus::kRepeated:
        done_.push_back(absl::StrCat(name_, "/", number_));
        ++number_;
        ++sequence_;
        return;
      case SessionStatus::kUnknownSession:
        id_ = {};
        ++number_;  // whether the last one was applied is unknown, so it is not sent again
        return;
      default:
        FAIL() << "one request at a time is never behind its window";
    }
  }

  const std::vector<std::string>& done() const { return done_; }
  size_t repeated() const { return repeated_; }

 private:
  const size_t name_;
  ClientId id_ = {};
  uint64_t sequence_ = 1;
  uint64_t number_ = 1;
  std::vector<std::string> done_;
  size_t repeated_ = 0;
};

RawNodeConfig ConfigOf(uint64_t seed) {
  RawNodeConfig config;
  config.cluster = ClusterId{7};
  config.seed = seed;
  config.election_ticks = 5;
  return config;
}

Configuration Voters() {
  Configuration configuration;
  for (uint64_t id = 1; id <= kReplicas; ++id) configuration.voters.push_back(ReplicaId{id});
  return configuration;
}

class SessionGroup {
 public:
  explicit SessionGroup(uint64_t seed) : random_(seed), group_(ConfigOf(seed), Voters()) {
    for (size_t name = 0; name < kClients; ++name) clients_.emplace_back(name);
  }

  void Run() {
    for (int step = 0; step < 6000; ++step) Act();
  }

  // Lets the group agree, then compares what the clients heard with what every replica applied.
  void Verify() {
    Converge();
    const uint64_t digest = observer_.digest();
    for (ReplicaId id : group_.ids()) {
      AppliedLog replayed;
      for (const Entry& entry : group_.state(id).entries) replayed.Apply(entry);
      EXPECT_EQ(replayed.digest(), digest) << "replica " << id;
      EXPECT_EQ(replayed.requests(), observer_.requests()) << "replica " << id;
    }
    std::vector<std::string> applied = observer_.requests();
    std::sort(applied.begin(), applied.end());
    EXPECT_EQ(std::adjacent_find(applied.begin(), applied.end()), applied.end()) << "applied twice";
    for (const PatientClient& client : clients_) {
      for (const std::string& request : client.done()) {
        EXPECT_TRUE(std::binary_search(applied.begin(), applied.end(), request)) << request;
      }
    }
  }

  size_t done() const {
    size_t done = 0;
    for (const PatientClient& client : clients_) done += client.done().size();
    return done;
  }
  size_t repeated() const {
    size_t repeated = 0;
    for (const PatientClient& client : clients_) repeated += client.repeated();
    return repeated;
  }

 private:
  void Act() {
    const uint64_t dice = random_.Below(1000);
    const ReplicaId id{1 + random_.Below(kReplicas)};
    if (dice < 600) {
      NetworkAct(dice);
    } else if (!group_.IsUp(id)) {
      if (dice < 750) group_.Start(id);
    } else if (dice < 605) {
      group_.Crash(id, random_.Below(group_.disk(id).unsynced_writes() + 1));
    } else if (dice < 610) {
      random_.Below(2) == 0 ? group_.Cut(id) : group_.Heal();
    } else if (dice < 850) {
      group_.node(id).Tick();
      group_.Work(id);
    } else {
      Send(random_.Below(kClients), id);
    }
    Observe();
  }

  void NetworkAct(uint64_t dice) {
    if (group_.in_flight().empty()) return;
    const ReplicaId to = group_.in_flight().front().to;
    if (dice < 20) return group_.Drop(0);
    if (dice < 40) return group_.Duplicate(0);
    group_.Deliver(0);
    if (group_.IsUp(to)) group_.Work(to);
  }

  // To any replica: one that does not lead refuses.
  void Send(size_t client, ReplicaId id) {
    std::string payload;
    AppendPassThroughRequest(clients_[client].Request(), payload);
    const absl::StatusOr<EntryId> place = group_.Propose(id, payload);
    if (place.ok())
      waiting_[place->index].push_back({.client = client, .entry = *place, .payload = payload});
    group_.Work(id);
  }

  // Applies what any replica has applied, and answers whoever proposed it and still wants to know.
  void Observe() {
    for (ReplicaId id : group_.ids()) {
      const std::vector<Entry>& entries = group_.state(id).entries;
      for (; observed_ < entries.size(); ++observed_) {
        observer_.Apply(entries[observed_]);
        Answer(entries[observed_].id());
      }
    }
  }

  void Answer(const EntryId& entry) {
    for (const Waiting& waiting : waiting_[entry.index]) {
      if (waiting.entry != entry || random_.Below(3) == 0) continue;  // lost on its way back
      std::string now;
      AppendPassThroughRequest(clients_[waiting.client].Request(), now);
      if (now == waiting.payload) clients_[waiting.client].Hear(observer_.outcome());
    }
    waiting_.erase(entry.index);
  }

  void Converge() {
    group_.Heal();
    for (ReplicaId id : group_.ids()) {
      if (!group_.IsUp(id)) group_.Start(id);
    }
    for (int round = 0; round < 400; ++round) {
      for (ReplicaId id : group_.ids()) group_.node(id).Tick();
      group_.WorkAll();
      group_.Settle();
    }
    Observe();
  }

  struct Waiting {
    size_t client = 0;
    EntryId entry;
    std::string payload;
  };

  SplitMix random_;
  ReplicaGroup group_;
  std::vector<PatientClient> clients_;
  std::map<LogIndex, std::vector<Waiting>> waiting_;
  AppliedLog observer_;
  size_t observed_ = 0;  // entries of the log
};

TEST(SessionGroupTest, ClientsThatRepeatThemselvesAreServedExactlyOnce) {
  size_t done = 0;
  size_t repeated = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SessionGroup group(seed);
    group.Run();
    group.Verify();
    done += group.done();
    repeated += group.repeated();
  }
  EXPECT_GT(done, 500u);
  EXPECT_GT(repeated, 50u) << "nothing was repeated, so nothing was shown";
}

}  // namespace
}  // namespace blixard::raft
