// What a full or failing disk did not take is not expected after a restart, and nothing else is
// forgiven for it.
#include "tests/simulation/checked_storage.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"
#include "raft/storage/log_storage.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/safety_checks.h"

namespace blixard::raft {
namespace {

constexpr ReplicaId kOne{1}, kTwo{2};
constexpr HardState kStored{.term = Term{1}};  // and no vote

Entry At(uint64_t index) {
  Entry entry;
  entry.term = Term{1};
  entry.index = LogIndex{index};
  return entry;
}

// Answers as it is told to.
class ScriptedStorage final : public LogStorage {
 public:
  explicit ScriptedStorage(const absl::Status& answer) : answer_(answer) {}

  absl::Status Append(const std::optional<HardState>&, absl::Span<const Entry>) override {
    return answer_;
  }
  absl::Status Sync() override { return answer_; }
  absl::Status CompactThrough(EntryId) override { return answer_; }
  absl::Status InstallSnapshot(EntryId, const HardState&) override { return answer_; }
  bool PrepareStep() override { return false; }
  bool WantsPrepare() const override { return false; }
  LogSpace space() const override { return {}; }
  LogStorageStats stats() const override { return {}; }

 private:
  const absl::Status& answer_;
};

class CheckedStorageTest : public testing::Test {
 protected:
  // Entries 1 and 2 are committed and durable.
  void SetUp() override {
    const std::vector<Entry> entries = {At(1), At(2)};
    ASSERT_TRUE(storage_.Append(kStored, entries).ok());
    ASSERT_TRUE(storage_.Sync().ok());
  }

  void RestartWith(const HardState& hard_state, std::vector<Entry> entries) {
    checks_.OnRestart(kOne, {.hard_state = hard_state, .base = {}, .entries = entries});
  }

  absl::Status answer_ = absl::OkStatus();
  SafetyChecks checks_{3};
  Coverage coverage_;
  CheckedStorage storage_{
      std::make_unique<ScriptedStorage>(answer_), kOne, {.checks = checks_, .coverage = coverage_}};
};

TEST_F(CheckedStorageTest, WhatIsThereAfterARestartWasStored) {
  RestartWith(kStored, {At(1), At(2)});
  EXPECT_EQ(checks_.violation(), "");
}

TEST_F(CheckedStorageTest, AStepThatAFullDiskRefusedLeavesNothingInDoubt) {
  answer_ = absl::ResourceExhaustedError("full");
  EXPECT_FALSE(storage_.Append(HardState{.term = Term{2}}, {}).ok());
  EXPECT_FALSE(storage_.InstallSnapshot(At(2).id(), kStored).ok());
  RestartWith(kStored, {At(1)});
  EXPECT_EQ(checks_.violation(), "stored entries are lost (replica 1, index 1)");
}

TEST_F(CheckedStorageTest, NoVoteComesOfItselfBesideAStepThatAFullDiskRefused) {
  answer_ = absl::ResourceExhaustedError("full");
  EXPECT_FALSE(storage_.InstallSnapshot(At(2).id(), kStored).ok());
  RestartWith({.term = Term{1}, .vote = kTwo}, {At(1), At(2)});
  EXPECT_EQ(checks_.violation(), "a stored vote is lost (replica 1, index 0)");
}

TEST_F(CheckedStorageTest, AStepDuringWhichTheDiskFailedMayBeThereOrNot) {
  answer_ = absl::UnknownError("Input/output error");
  const std::vector<Entry> replacing = {At(2)};
  EXPECT_FALSE(storage_.Append({}, replacing).ok());
  RestartWith(kStored, {At(1)});
  EXPECT_EQ(checks_.violation(), "");
}

}  // namespace
}  // namespace blixard::raft
