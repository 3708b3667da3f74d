#include "raft/runtime/session_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/split_mix.h"
#include "tests/raft/runtime/session_table_model.h"

namespace blixard::raft {
namespace {

using Admission = SessionTable::Admission;

constexpr SessionTableOptions kSmall{
    .max_sessions = 2, .window = 3, .max_outcome_bytes = 8, .outcome_bytes = 20};

RequestId Id(ClientId client, uint64_t sequence) {
  return {.client = client, .sequence = RequestSequence{sequence}};
}

// Admits a request that must be new, and keeps its outcome.
void Apply(SessionTable& table, const RequestId& id, absl::string_view outcome) {
  ASSERT_EQ(table.Admit(id, LogIndex{100}), Admission::kNew);
  table.Remember(id, outcome);
}

TEST(SessionTableTest, ARepeatedRequestIsToldWhatItGave) {
  SessionTable table(kSmall);
  const ClientId client = table.Register(LogIndex{1});
  EXPECT_EQ(table.Admit(Id(client, 1), LogIndex{2}), Admission::kNew);
  EXPECT_EQ(table.FindOutcome(Id(client, 1)), std::nullopt);
  table.Remember(Id(client, 1), "first");
  EXPECT_EQ(table.Admit(Id(client, 1), LogIndex{3}), Admission::kRepeated);
  EXPECT_EQ(table.FindOutcome(Id(client, 1)), "first");
  EXPECT_EQ(table.Admit(Id(client, 2), LogIndex{3}), Admission::kNew);
}

TEST(SessionTableTest, RequestsMayComeInAnyOrderWithinTheWindow) {
  SessionTable table(kSmall);
  const ClientId client = table.Register(LogIndex{1});
  Apply(table, Id(client, 3), "c");
  Apply(table, Id(client, 1), "a");
  Apply(table, Id(client, 2), "b");
  EXPECT_EQ(table.Admit(Id(client, 1), LogIndex{100}), Admission::kRepeated);
  EXPECT_EQ(table.FindOutcome(Id(client, 1)), "a");
}

TEST(SessionTableTest, BehindTheWindowNothingIsAppliedWhetherItWasOrNot) {
  SessionTable table(kSmall);
  const ClientId client = table.Register(LogIndex{1});
  Apply(table, Id(client, 1), "a");
  Apply(table, Id(client, 5), "e");  // 2 was never seen
  EXPECT_EQ(table.Admit(Id(client, 1), LogIndex{100}), Admission::kExpired);
  EXPECT_EQ(table.Admit(Id(client, 2), LogIndex{100}), Admission::kExpired);
  EXPECT_EQ(table.Admit(Id(client, 3), LogIndex{100}), Admission::kNew);
  EXPECT_EQ(table.FindOutcome(Id(client, 1)), std::nullopt);
}

TEST(SessionTableTest, TheSessionIdleForMostEntriesIsEvicted) {
  SessionTable table(kSmall);
  const ClientId one = table.Register(LogIndex{1});
  const ClientId two = table.Register(LogIndex{2});
  Apply(table, Id(one, 1), "a");
  const ClientId three = table.Register(LogIndex{101});
  EXPECT_EQ(table.evictions(), 1u);
  EXPECT_EQ(table.Admit(Id(two, 1), LogIndex{102}), Admission::kUnknownSession);
  EXPECT_EQ(table.Admit(Id(one, 1), LogIndex{102}), Admission::kRepeated);
  EXPECT_EQ(table.Admit(Id(three, 1), LogIndex{102}), Admission::kNew);
}

TEST(SessionTableTest, WhoRegistersAnewGetsAnIdThatNobodyHad) {
  SessionTable table(kSmall);
  std::vector<ClientId> ids;
  for (uint64_t at = 1; at <= 10; ++at) {
    ids.push_back(table.Register(LogIndex{at}));
    EXPECT_EQ(ids.back(), ClientId{at});
  }
  EXPECT_EQ(table.size(), 2u);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(table.Admit(Id(ids[i], 1), LogIndex{10}), Admission::kUnknownSession);
  }
}

TEST(SessionTableTest, AnEvictedSessionKeepsNothingOfItsPlacesTenant) {
  SessionTable table({.max_sessions = 1, .window = 3});
  const ClientId old = table.Register(LogIndex{1});
  Apply(table, Id(old, 1), "old");
  const ClientId young = table.Register(LogIndex{101});
  EXPECT_EQ(table.FindOutcome(Id(young, 1)), std::nullopt);
  EXPECT_EQ(table.Admit(Id(young, 1), LogIndex{102}), Admission::kNew);
  table.Remember(Id(old, 1), "late");  // its session went while it was applied
  EXPECT_EQ(table.FindOutcome(Id(old, 1)), std::nullopt);
}

// Requests of one entry are admitted together before any of them is applied.
TEST(SessionTableTest, ARequestOvertakenWithinItsEntryLeavesItsOutcomeToNobody) {
  SessionTable table(kSmall);
  const ClientId client = table.Register(LogIndex{1});
  EXPECT_EQ(table.Admit(Id(client, 1), LogIndex{2}), Admission::kNew);
  EXPECT_EQ(table.Admit(Id(client, 4), LogIndex{2}), Admission::kNew);  // takes its place
  table.Remember(Id(client, 1), "of 1");
  EXPECT_EQ(table.FindOutcome(Id(client, 4)), std::nullopt);
  table.Remember(Id(client, 4), "of 4");
  EXPECT_EQ(table.FindOutcome(Id(client, 4)), "of 4");
}

TEST(SessionTableTest, TooLongAnOutcomeIsForgottenButNeverAppliedAgain) {
  SessionTable table(kSmall);
  const ClientId client = table.Register(LogIndex{1});
  Apply(table, Id(client, 1), "12345678");
  Apply(table, Id(client, 2), "123456789");
  EXPECT_EQ(table.FindOutcome(Id(client, 1)), "12345678");
  EXPECT_EQ(table.FindOutcome(Id(client, 2)), std::nullopt);
  EXPECT_EQ(table.Admit(Id(client, 2), LogIndex{100}), Admission::kRepeated);
}

TEST(SessionTableTest, OldOutcomesMakeRoomForNewOnes) {
  SessionTable table(kSmall);
  const ClientId one = table.Register(LogIndex{1});
  const ClientId two = table.Register(LogIndex{2});
  Apply(table, Id(one, 1), "aaaaaaaa");
  Apply(table, Id(two, 1), "bbbbbbbb");
  EXPECT_EQ(table.FindOutcome(Id(one, 1)), "aaaaaaaa");
  Apply(table, Id(two, 2), "cccccccc");
  EXPECT_EQ(table.FindOutcome(Id(one, 1)), std::nullopt);
  EXPECT_EQ(table.FindOutcome(Id(two, 1)), "bbbbbbbb");
  EXPECT_EQ(table.Admit(Id(one, 1), LogIndex{100}), Admission::kRepeated);
}

TEST(SessionTableTest, EntriesGoForward) {
  SessionTable table(kSmall);
  const ClientId client = table.Register(LogIndex{5});
  EXPECT_EQ(table.Admit(Id(client, 1), LogIndex{5}), Admission::kNew);
  EXPECT_DEATH(table.Admit(Id(client, 2), LogIndex{4}), "in order");
}

TEST(SessionTableOptionsTest, EveryFieldHasItsBounds) {
  EXPECT_TRUE(CheckSessionTableOptions({}).ok());
  EXPECT_TRUE(CheckSessionTableOptions(kSmall).ok());
  EXPECT_EQ(CheckSessionTableOptions({.max_sessions = 0}).message(),
            "max_sessions: want 1 to 262144, got 0");
  EXPECT_EQ(CheckSessionTableOptions({.window = 1025}).message(),
            "window: want 1 to 1024, got 1025");
  EXPECT_EQ(CheckSessionTableOptions({.max_outcome_bytes = 9, .outcome_bytes = 8}).message(),
            "max_outcome_bytes: want 1 to 8, got 9");
  EXPECT_TRUE(CheckSessionTableOptions({.max_outcome_bytes = 8, .outcome_bytes = 8}).ok());
  EXPECT_FALSE(CheckSessionTableOptions({.outcome_bytes = 0}).ok());
  EXPECT_DEATH(SessionTable({.window = 0}), "window");
}

// A random walk of the table beside its model.
class Walk {
 public:
  explicit Walk(uint64_t seed)
      : random_(seed),
        options_{.max_sessions = static_cast<uint32_t>(1 + random_.Below(6)),
                 .window = static_cast<uint32_t>(1 + random_.Below(6)),
                 .max_outcome_bytes = static_cast<uint32_t>(1 + random_.Below(12)),
                 .outcome_bytes = 12 + random_.Below(100)},
        table_(options_),
        model_(options_) {}

  void Step() {
    at_ = at_ + random_.Below(3);
    if (random_.Below(12) == 0) {
      ASSERT_EQ(table_.Register(at_), ClientId{model_.Register()});
      ++registered_;
    } else {
      Request();
    }
    ASSERT_EQ(table_.size(), model_.size());
    if (random_.Below(40) == 0) CheckEverything();
    if (random_.Below(60) == 0) ThroughASnapshot();
  }

 private:
  void Request() {
    const uint64_t client = 1 + random_.Below(registered_ + 1);  // at times one not there yet
    const uint64_t sequence = 1 + random_.Below(12) + at_.value / 40;
    const RequestId id = Id(ClientId{client}, sequence);
    const Admission admission = table_.Admit(id, at_);
    ASSERT_EQ(admission, model_.Admit(client, sequence));
    ASSERT_EQ(table_.FindOutcome(id), model_.FindOutcome(client, sequence));
    if (admission != Admission::kNew) return;
    const std::string outcome(random_.Below(15), static_cast<char>('a' + random_.Below(26)));
    table_.Remember(id, outcome);
    model_.Remember(client, sequence, outcome);
    ASSERT_EQ(table_.FindOutcome(id), model_.FindOutcome(client, sequence));
  }

  void CheckEverything() {
    for (uint64_t client = 1; client <= registered_ + 1; ++client) {
      for (uint64_t sequence = 1; sequence < 14 + at_.value / 40; ++sequence) {
        ASSERT_EQ(table_.FindOutcome(Id(ClientId{client}, sequence)),
                  model_.FindOutcome(client, sequence))
            << client << " " << sequence;
      }
    }
  }

  // The table that was read back goes on in place of the one that was written.
  void ThroughASnapshot() {
    const std::string bytes = table_.Encode();
    const uint64_t digest = table_.Digest();
    absl::StatusOr<SessionTable> read = SessionTable::Decode(options_, bytes);
    ASSERT_TRUE(read.ok()) << read.status();
    table_ = *std::move(read);
    ASSERT_EQ(table_.Encode(), bytes);
    ASSERT_EQ(table_.Digest(), digest);
  }

  SplitMix random_;
  const SessionTableOptions options_;
  SessionTable table_;
  SessionTableModel model_;
  LogIndex at_;
  uint64_t registered_ = 0;
};

TEST(SessionTableTest, DoesWhatItsModelDoesThroughSnapshotsToo) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Walk walk(seed);
    for (int step = 0; step < 400 && !HasFatalFailure(); ++step) walk.Step();
  }
}

// A table in which everything occurs: an eviction, a gap, a forgotten and an overwritten outcome.
SessionTable Lived() {
  SessionTable table(kSmall);
  table.Register(LogIndex{1});
  const ClientId two = table.Register(LogIndex{2});
  const ClientId three = table.Register(LogIndex{3});
  Apply(table, Id(two, 1), "aaaaaaaa");
  Apply(table, Id(two, 2), "too long for it");
  Apply(table, Id(three, 5), "");
  Apply(table, Id(three, 7), "bbbbbbb");
  Apply(table, Id(two, 3), "cccccc");
  return table;
}

TEST(SessionTableCodecTest, IsRefusedUnderOtherOptions) {
  const std::string bytes = Lived().Encode();
  EXPECT_TRUE(SessionTable::Decode(kSmall, bytes).ok());
  SessionTableOptions other = kSmall;
  other.window = 4;
  const absl::Status status = SessionTable::Decode(other, bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "window: want 4 as configured, got 3 in the snapshot");
}

TEST(SessionTableCodecTest, WhatIsCutOrTooLongIsDataLoss) {
  const std::string bytes = Lived().Encode();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(
        SessionTable::Decode(kSmall, absl::string_view(bytes).substr(0, size)).status().code(),
        absl::StatusCode::kDataLoss)
        << size;
  }
  EXPECT_EQ(SessionTable::Decode(kSmall, bytes + "x").status().code(), absl::StatusCode::kDataLoss);
}

TEST(SessionTableCodecTest, AnyOtherByteAnywhereIsRefusedOrMeansItself) {
  const std::string good = Lived().Encode();
  for (size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(value);
      const absl::StatusOr<SessionTable> table = SessionTable::Decode(kSmall, bytes);
      if (table.ok()) {
        EXPECT_EQ(table->Encode(), bytes) << "byte " << at << " as " << value;
      } else {
        EXPECT_TRUE(absl::IsDataLoss(table.status()) || absl::IsFailedPrecondition(table.status()))
            << table.status();
      }
    }
  }
}

TEST(SessionTableTest, DigestsDifferWhenAnswersWould) {
  std::vector<uint64_t> digests;
  const auto digest_after = [](auto change) {
    SessionTable table = Lived();
    change(table);
    return table.Digest();
  };
  EXPECT_EQ(Lived().Digest(), Lived().Digest());
  EXPECT_NE(Lived().Digest(), digest_after([](SessionTable& t) { t.Register(LogIndex{100}); }));
  EXPECT_NE(Lived().Digest(),
            digest_after([](SessionTable& t) { Apply(t, Id(ClientId{2}, 4), "x"); }));
  // Another order of idleness evicts another session.
  EXPECT_NE(Lived().Digest(),
            digest_after([](SessionTable& t) { t.Admit(Id(ClientId{3}, 5), LogIndex{100}); }));
}

}  // namespace
}  // namespace blixard::raft
