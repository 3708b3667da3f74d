// Every invariant is broken once by hand: a check that cannot fail shows nothing.
#include "tests/simulation/safety_checks.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace blixard::raft {
namespace {

constexpr ReplicaId kOne{1}, kTwo{2}, kThree{3};

Entry At(uint64_t index, uint64_t term, uint32_t crc = 0) {
  Entry entry;
  entry.term = Term{term};
  entry.index = LogIndex{index};
  entry.payload_crc32c = crc;
  return entry;
}

void Store(SafetyChecks& checks, ReplicaId replica, const std::vector<Entry>& entries,
           HardState hard_state = {}) {
  const SafetyChecks::Stored stored{
      .snapshot = {},
      .hard_state = hard_state == HardState{} ? std::nullopt : std::optional(hard_state),
      .entries = entries};
  checks.OnStoreBegin(replica, stored);
  checks.OnStored(replica, stored);
}

Message Reply(MessageType type, uint64_t term, ReplicaId to, uint64_t index = 0) {
  Message message;
  message.type = type;
  message.from = kOne;
  message.to = to;
  message.term = Term{term};
  message.log.index = LogIndex{index};
  return message;
}

TEST(SafetyChecksTest, EachViolationIsSeen) {
  struct Case {
    std::string want;
    std::function<void(SafetyChecks&)> run;
  };
  for (const Case& c : std::vector<Case>{
           {"",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {At(1, 1), At(2, 1)}, {.term = Term{1}});
              Store(checks, kTwo, {At(1, 1), At(2, 1)}, {.term = Term{1}});
              Store(checks, kOne, {At(2, 2)}, {.term = Term{2}});
              checks.OnSend(Reply(MessageType::kAppendReply, 2, kTwo, 2));
            }},
           {"log matching",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {At(1, 1, 5)});
              Store(checks, kTwo, {At(1, 1, 6)});
            }},
           {"log matching",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {At(1, 1), At(2, 3)});
              Store(checks, kTwo, {At(1, 2), At(2, 3)});
            }},
           {"a hole in the stored log",
            [](SafetyChecks& checks) { Store(checks, kOne, {At(2, 1)}); }},
           {"the stored term goes back",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {}, {.term = Term{2}});
              Store(checks, kOne, {}, {.term = Term{1}});
            }},
           {"the stored vote changes",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {}, {.term = Term{2}, .vote = kTwo});
              Store(checks, kOne, {}, {.term = Term{2}, .vote = kThree});
            }},
           {"two votes in one term",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {}, {.term = Term{2}, .vote = kTwo});
              checks.OnSend(Reply(MessageType::kVoteReply, 2, kTwo));
              checks.OnSend(Reply(MessageType::kVoteReply, 2, kThree));
            }},
           {"a vote is sent before its term is stored",
            [](SafetyChecks& checks) { checks.OnSend(Reply(MessageType::kVoteReply, 2, kTwo)); }},
           {"an append is acknowledged before it is stored",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {At(1, 1)}, {.term = Term{1}});
              checks.OnSend(Reply(MessageType::kAppendReply, 1, kTwo, 2));
            }},
           {"stored entries are lost",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {At(1, 1), At(2, 1)}, {.term = Term{1}});
              const std::vector<Entry> rest = {At(1, 1)};
              checks.OnRestart(kOne,
                               {.hard_state = {.term = Term{1}}, .base = {}, .entries = rest});
            }},
           {"a stored term is lost",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {}, {.term = Term{3}});
              checks.OnRestart(kOne, {.hard_state = {.term = Term{2}}, .base = {}, .entries = {}});
            }},
           {"a stored vote is lost",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {}, {.term = Term{3}, .vote = kTwo});
              checks.OnRestart(kOne, {.hard_state = {.term = Term{3}}, .base = {}, .entries = {}});
            }},
           {"another entry was recovered",
            [](SafetyChecks& checks) {
              Store(checks, kOne, {At(1, 1)}, {.term = Term{2}});
              const std::vector<Entry> other = {At(1, 2)};
              checks.OnRestart(kOne,
                               {.hard_state = {.term = Term{2}}, .base = {}, .entries = other});
            }},
           {"",  // what was being written may be there or not
            [](SafetyChecks& checks) {
              Store(checks, kOne, {At(1, 1), At(2, 1)}, {.term = Term{1}});
              const std::vector<Entry> replacing = {At(2, 2)};
              checks.OnStoreBegin(
                  kOne,
                  {.snapshot = {}, .hard_state = HardState{.term = Term{2}}, .entries = replacing});
              const std::vector<Entry> cut = {At(1, 1)};
              checks.OnRestart(kOne, {.hard_state = {.term = Term{2}}, .base = {}, .entries = cut});
            }},
           {"applied, but not committed",
            [](SafetyChecks& checks) { checks.OnApplied(kOne, {.id = At(1, 1).id()}); }},
           {"client 0 was told of request 4",
            [](SafetyChecks& checks) { checks.OnAcknowledged(0, 4); }},
       }) {
    SCOPED_TRACE(c.want);
    SafetyChecks checks(3);
    c.run(checks);
    EXPECT_EQ(checks.violation().substr(0, c.want.size()), c.want) << checks.violation();
    EXPECT_EQ(checks.violation().empty(), c.want.empty()) << checks.violation();
  }
}

}  // namespace
}  // namespace blixard::raft
