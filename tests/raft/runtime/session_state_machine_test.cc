#include "raft/runtime/session_state_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "raft/core/split_mix.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/session_request.h"
#include "raft/runtime/session_table.h"
#include "tests/raft/runtime/memory_stream.h"
#include "tests/raft/runtime/session_journal.h"

namespace blixard::raft {
namespace {

using testing::ElementsAre;

std::string Registration() {
  std::string bytes;
  EncodeSessionRequest({}, bytes);
  return bytes;
}

std::string Request(uint64_t client, uint64_t sequence, absl::string_view payload) {
  std::string bytes;
  EncodeSessionRequest(
      {.id = RequestId{.client = ClientId{client}, .sequence = {sequence}}, .payload = payload},
      bytes);
  return bytes;
}

std::string PayloadOf(const std::vector<std::string>& requests) {
  std::string payload;
  for (const std::string& request : requests) AppendPassThroughRequest(request, payload);
  return payload;
}

// "applied 1:put": as a client reads it.
std::string TextOf(absl::string_view bytes) {
  const absl::StatusOr<SessionOutcome> outcome = DecodeSessionOutcome(bytes);
  if (!outcome.ok()) return outcome.status().ToString();
  switch (outcome->status) {
    case SessionStatus::kApplied:
      return absl::StrCat("applied ", outcome->outcome);
    case SessionStatus::kRepeated:
      return absl::StrCat("repeated ", outcome->outcome);
    case SessionStatus::kForgotten:
      return "forgotten";
    case SessionStatus::kExpired:
      return "expired";
    case SessionStatus::kUnknownSession:
      return "unknown session";
    case SessionStatus::kRegistered:
      return absl::StrCat("registered ", static_cast<uint64_t>(outcome->client));
    case SessionStatus::kMalformed:
      return "malformed";
  }
  return "";
}

class Outcomes : public OutcomeSink {
 public:
  void Set(size_t position, absl::string_view outcome) override {
    EXPECT_TRUE(texts_.emplace(position, TextOf(outcome)).second) << "a second answer";
  }

  // By position, without holes.
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const auto& [position, text] : texts_) {
      EXPECT_EQ(position, texts.size()) << "no answer";
      texts.push_back(text);
    }
    return texts;
  }

 private:
  std::map<size_t, std::string> texts_;
};

constexpr SessionTableOptions kSmall{
    .max_sessions = 3, .window = 4, .max_outcome_bytes = 16, .outcome_bytes = 200};

// One replica's state machine, sessions in front.
struct Replica {
  explicit Replica(const SessionTableOptions& options = kSmall) : sessions(journal, options) {}

  std::vector<std::string> ApplyPayload(absl::string_view payload) {
    Outcomes outcomes;
    sessions.Apply({.term = {1}, .index = ++index}, payload, outcomes);
    return outcomes.Texts();
  }
  std::vector<std::string> Apply(const std::vector<std::string>& requests) {
    return ApplyPayload(PayloadOf(requests));
  }

  SessionJournal journal;
  SessionStateMachine sessions;
  LogIndex index;
};

TEST(SessionStateMachineTest, NewRequestsReachTheStateMachineBareAndTogether) {
  Replica replica;
  EXPECT_THAT(replica.Apply({Registration()}), ElementsAre("registered 1"));
  EXPECT_EQ(replica.journal.entries(), 0u);
  EXPECT_THAT(replica.Apply({Request(1, 1, "put a"), Request(1, 2, "put b")}),
              ElementsAre("applied 1:put a", "applied 2:put b"));
  EXPECT_EQ(replica.journal.entries(), 1u);
  EXPECT_THAT(replica.journal.requests(), ElementsAre("put a", "put b"));
}

TEST(SessionStateMachineTest, ARepeatedRequestGetsTheOutcomeItHad) {
  Replica replica;
  replica.Apply({Registration()});
  replica.Apply({Request(1, 1, "a")});
  EXPECT_THAT(replica.Apply({Request(1, 1, "a"), Request(1, 2, "b")}),
              ElementsAre("repeated 1:a", "applied 2:b"));
  EXPECT_THAT(replica.Apply({Request(1, 2, "b")}), ElementsAre("repeated 2:b"));
  EXPECT_EQ(replica.journal.entries(), 2u) << "nothing new, nothing to apply";
  EXPECT_THAT(replica.journal.requests(), ElementsAre("a", "b"));
}

TEST(SessionStateMachineTest, ARequestTwiceInOneEntryIsAppliedOnce) {
  Replica replica;
  EXPECT_THAT(replica.Apply({Registration(), Request(1, 1, "a"), Request(1, 1, "a")}),
              ElementsAre("registered 1", "applied 1:a", "repeated 1:a"));
  EXPECT_THAT(replica.journal.requests(), ElementsAre("a"));
}

TEST(SessionStateMachineTest, WhatMustNotBeAppliedIsAnsweredAndIsNot) {
  Replica replica;
  replica.Apply({Registration(), Request(1, 9, "new")});
  EXPECT_THAT(replica.Apply({Request(1, 5, "old"), Request(7, 1, "stranger"), "", "?",
                             Request(1, 6, "in the window")}),
              ElementsAre("expired", "unknown session", "malformed", "malformed",
                          "applied 2:in the window"));
  EXPECT_THAT(replica.journal.requests(), ElementsAre("new", "in the window"));
}

TEST(SessionStateMachineTest, AnOutcomeThatIsNotSetIsEmptyThenAndLater) {
  Replica replica;
  replica.Apply({Registration()});
  EXPECT_THAT(replica.Apply({Request(1, 1, "-silent"), Request(1, 2, "loud")}),
              ElementsAre("applied ", "applied 2:loud"));
  EXPECT_THAT(replica.Apply({Request(1, 1, "-silent")}), ElementsAre("repeated "));
}

TEST(SessionStateMachineTest, ASessionEvictedByItsOwnEntryIsGone) {
  Replica replica;
  replica.Apply({Registration()});
  EXPECT_THAT(replica.Apply({Request(1, 1, "a"), Registration(), Registration(), Registration(),
                             Request(1, 1, "a")}),
              ElementsAre("applied 1:a", "registered 2", "registered 3", "registered 4",
                          "unknown session"));
  EXPECT_THAT(replica.journal.requests(), ElementsAre("a"));
}

TEST(SessionStateMachineTest, ADamagedEntryEndsWhereItMakesNoSense) {
  Replica replica;
  std::string payload = PayloadOf({Registration(), Request(1, 1, "a"), Request(1, 2, "b")});
  payload.pop_back();
  EXPECT_THAT(replica.ApplyPayload(payload), ElementsAre("registered 1", "applied 1:a"));
  EXPECT_THAT(replica.ApplyPayload(""), ElementsAre());
}

std::string Snapshot(Replica& replica) {
  MemorySink sink;
  EXPECT_TRUE(replica.sessions.Freeze()->WriteTo(sink).ok());
  return sink.bytes();
}

TEST(SessionStateMachineTest, AViewShowsTheStateItFroze) {
  Replica replica;
  replica.Apply({Registration(), Request(1, 1, "a")});
  const std::unique_ptr<StateView> view = replica.sessions.Freeze();
  const std::string then = Snapshot(replica);
  replica.Apply({Request(1, 2, "b"), Registration()});
  MemorySink sink;
  ASSERT_TRUE(view->WriteTo(sink).ok());
  EXPECT_EQ(sink.bytes(), then);
  EXPECT_NE(Snapshot(replica), then);
}

TEST(SessionStateMachineTest, ARestoredReplicaAnswersLikeTheOneThatWroteIt) {
  Replica replica;
  replica.Apply({Registration(), Request(1, 1, "a")});
  Replica other;
  other.Apply({Registration(), Registration(), Request(2, 1, "gone with the restore")});
  MemorySource source(Snapshot(replica));
  ASSERT_TRUE(other.sessions.Restore(source).ok());
  EXPECT_EQ(other.sessions.sessions().Digest(), replica.sessions.sessions().Digest());
  EXPECT_THAT(other.Apply({Request(1, 1, "a"), Request(2, 1, "x"), Registration()}),
              ElementsAre("repeated 1:a", "unknown session", "registered 2"));
  EXPECT_THAT(other.journal.requests(), ElementsAre("a"));
}

TEST(SessionStateMachineTest, AFailedRestoreLeavesEverythingAsItWas) {
  Replica writer;
  writer.Apply({Registration(), Request(1, 1, "theirs")});
  const std::string good = Snapshot(writer);
  Replica replica;
  replica.Apply({Registration(), Registration(), Request(2, 1, "ours")});
  const std::string before = Snapshot(replica);
  for (size_t size = 0; size < good.size(); ++size) {
    if (size == good.size() - std::string("theirs;").size()) continue;  // an empty journal is one
    MemorySource source(good.substr(0, size));
    EXPECT_EQ(replica.sessions.Restore(source).code(), absl::StatusCode::kDataLoss) << size;
    EXPECT_EQ(Snapshot(replica), before) << size;
  }
  MemorySource huge(std::string(8, '\xff') + good);
  EXPECT_EQ(replica.sessions.Restore(huge).code(), absl::StatusCode::kDataLoss);
  SessionTableOptions options = kSmall;
  options.max_sessions = 4;
  Replica different(options);
  MemorySource source(good);
  EXPECT_EQ(different.sessions.Restore(source).code(), absl::StatusCode::kFailedPrecondition);
}

// A client that repeats itself, is overtaken by its own past and is evicted.
class Client {
 public:
  // What it sends next: something new, or anything it ever sent in this session or an earlier one.
  std::string Next(SplitMix& random) {
    if (id_ == 0 || random.Below(30) == 0) return Registration();
    if (!sent_.empty() && random.Below(3) == 0) return sent_[random.Below(sent_.size())];
    ++sequence_;
    const std::string payload = absl::StrCat(id_, "/", sequence_);
    return sent_.emplace_back(Request(id_, sequence_, payload));
  }

  void Hear(absl::string_view outcome) {
    if (!absl::StartsWith(outcome, "registered ")) return;
    id_ = std::stoull(std::string(outcome.substr(11)));
    sequence_ = 0;
  }

 private:
  uint64_t id_ = 0;
  uint64_t sequence_ = 0;
  std::vector<std::string> sent_;
};

// S24 and "no request id applied twice": three replicas of one log, one of them thrown back to
// snapshots and replaying from there, one replaced by restored ones again and again.
TEST(SessionStateMachineTest, S24NoRequestIsAppliedTwiceAcrossSnapshotsRestartsAndEvictions) {
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix random(seed);
    std::vector<Client> clients(5);  // for three sessions
    const auto steady = std::make_unique<Replica>();
    auto moving = std::make_unique<Replica>();
    for (int entry = 0; entry < 200; ++entry) {
      std::vector<std::string> requests;
      std::vector<size_t> from;
      while (from.size() < 1 + random.Below(5)) {
        from.push_back(random.Below(clients.size()));
        requests.push_back(clients[from.back()].Next(random));
      }
      const std::vector<std::string> outcomes = steady->Apply(requests);
      ASSERT_EQ(outcomes.size(), requests.size());
      ASSERT_EQ(moving->Apply(requests), outcomes);
      for (size_t i = 0; i < from.size(); ++i) {
        // An outcome that is lost on its way is asked for again later.
        if (random.Below(4) != 0) clients[from[i]].Hear(outcomes[i]);
        seen.insert(outcomes[i].substr(0, outcomes[i].find(' ')));
      }
      if (random.Below(20) == 0) {
        auto restored = std::make_unique<Replica>();
        MemorySource source(Snapshot(*moving));
        ASSERT_TRUE(restored->sessions.Restore(source).ok());
        restored->index = moving->index;
        moving = std::move(restored);
      }
      ASSERT_EQ(moving->sessions.sessions().Digest(), steady->sessions.sessions().Digest());
    }
    std::vector<std::string> applied = steady->journal.requests();
    ASSERT_EQ(moving->journal.requests(), applied);
    std::sort(applied.begin(), applied.end());
    ASSERT_EQ(std::adjacent_find(applied.begin(), applied.end()), applied.end());
    ASSERT_GT(applied.size(), 100u);
  }
  // Rare paths that were never taken would prove nothing.
  EXPECT_THAT(seen, testing::UnorderedElementsAre("applied", "repeated", "forgotten", "expired",
                                                  "unknown", "registered"));
}

}  // namespace
}  // namespace blixard::raft
