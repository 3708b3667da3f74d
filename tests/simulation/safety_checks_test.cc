// Every invariant is broken once by hand: a check that cannot fail shows nothing.
#include "tests/simulation/safety_checks.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "raft/core/configuration.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/raw_node.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/types.h"
#include "tests/raft/core/driven_node.h"
#include "tests/simulation/kv_state_machine.h"

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

std::vector<Entry> Entries(uint64_t count, uint64_t term = 1) {
  std::vector<Entry> entries;
  for (uint64_t index = 1; index <= count; ++index) entries.push_back(At(index, term));
  return entries;
}

Message Ask(uint64_t term) { return Reply(MessageType::kVote, term, kTwo); }

// A node as `restored` makes it, after a step in which it has done nothing yet.
struct Node {
  ReplicaId id;
  RestoredLog restored;
  Configuration configuration = Voters(3);
};
void Step(SafetyChecks& checks, Node node) {
  RawNodeConfig config = ConfigOfOne();
  config.id = node.id;
  const auto raw = RawNode::Create(config, std::move(node.restored));
  ASSERT_TRUE(raw.ok()) << raw.status();
  checks.OnStep(**raw, node.configuration);
}

// One that has won an election of which it is the only voter.
void StepAsLeader(SafetyChecks& checks, ReplicaId id, uint64_t term, std::vector<Entry> log = {}) {
  RawNodeConfig config = ConfigOfOne();
  config.id = id;
  Configuration alone;
  alone.voters = {id};
  RestoredLog restored = LogOf(1, InTerm(Term{term - 1}), std::move(log));
  restored.snapshot.configuration = alone;
  DrivenNode node(config, std::move(restored));
  node.Lead();
  checks.OnStep(*node, alone);
}

// Replicas 1 and 2 store `count` entries of term 1, and 1 knows that they are committed.
void Commit(SafetyChecks& checks, uint64_t count) {
  Store(checks, kOne, Entries(count), {.term = Term{1}});
  Store(checks, kTwo, Entries(count), {.term = Term{1}});
  Step(checks, {kOne, LogOf(3, InTerm(Term{1}, LogIndex{count}), Entries(count))});
}

SafetyChecks::Applied First(uint64_t digest, const std::vector<KvCommand>& fresh = {}) {
  return {.id = At(1, 1).id(), .has_state = true, .digest = digest, .fresh = fresh};
}

struct Case {
  std::string want;
  std::function<void(SafetyChecks&)> run;
};

void ExpectSeen(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.want);
    SafetyChecks checks(3);
    c.run(checks);
    EXPECT_EQ(checks.violation().substr(0, c.want.size()), c.want) << checks.violation();
    EXPECT_EQ(checks.violation().empty(), c.want.empty()) << checks.violation();
  }
}

// What stands on disks, and what was promised.
TEST(SafetyChecksTest, EachViolationOfStoringIsSeen) {
  ExpectSeen(
      {{"",
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
       {"a hole in the stored log", [](SafetyChecks& checks) { Store(checks, kOne, {At(2, 1)}); }},
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
          Store(checks, kOne, {}, {.term = Term{3}});  // since then
          checks.OnSend(Reply(MessageType::kVoteReply, 2, kThree));
        }},
       {"a vote is sent before it is stored",
        [](SafetyChecks& checks) { checks.OnSend(Reply(MessageType::kVoteReply, 2, kTwo)); }},
       {"an append is acknowledged before it is stored",
        [](SafetyChecks& checks) {
          Store(checks, kOne, {At(1, 1)}, {.term = Term{1}});
          checks.OnSend(Reply(MessageType::kAppendReply, 1, kTwo, 2));
        }},
       {"",  // stored, then cut off for a later leader; one sync carries both, the replies follow
             // it
        [](SafetyChecks& checks) {
          Store(checks, kOne, {At(1, 1), At(2, 1)}, {.term = Term{1}});
          Store(checks, kOne, {At(1, 2)}, {.term = Term{2}});
          checks.OnSend(Reply(MessageType::kAppendReply, 1, kTwo, 2));
        }},
       {"an append is acknowledged before it is stored",
        [](SafetyChecks& checks) {  // nor had it been before the later term
          Store(checks, kOne, {At(1, 1), At(2, 1)}, {.term = Term{1}});
          Store(checks, kOne, {At(2, 2)}, {.term = Term{2}});
          checks.OnSend(Reply(MessageType::kAppendReply, 1, kTwo, 3));
        }},
       {"an append is acknowledged before it is stored",
        [](SafetyChecks& checks) {  // what was cut off counts in no later term
          Store(checks, kOne, {At(1, 1), At(2, 1)}, {.term = Term{1}});
          Store(checks, kOne, {At(1, 2)}, {.term = Term{2}});
          checks.OnSend(Reply(MessageType::kAppendReply, 2, kTwo, 2));
        }},
       {"stored entries are lost",
        [](SafetyChecks& checks) {
          Store(checks, kOne, {At(1, 1), At(2, 1)}, {.term = Term{1}});
          const std::vector<Entry> rest = {At(1, 1)};
          checks.OnRestart(kOne, {.hard_state = {.term = Term{1}}, .base = {}, .entries = rest});
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
          checks.OnRestart(kOne, {.hard_state = {.term = Term{2}}, .base = {}, .entries = other});
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
       {"the stored commit index goes back",
        [](SafetyChecks& checks) {
          Store(checks, kOne, Entries(2), {.term = Term{1}, .commit = LogIndex{2}});
          Store(checks, kOne, {}, {.term = Term{1}, .commit = LogIndex{1}});
        }},
       {"a stored commit index is lost",
        [](SafetyChecks& checks) {
          const std::vector<Entry> two = Entries(2);
          Store(checks, kOne, two, {.term = Term{1}, .commit = LogIndex{2}});
          checks.OnRestart(kOne, {.hard_state = {.term = Term{1}}, .base = {}, .entries = two});
        }},
       {"a vote is sent before it is stored",  // its term is
        [](SafetyChecks& checks) {
          Store(checks, kOne, {}, {.term = Term{2}});
          checks.OnSend(Reply(MessageType::kVoteReply, 2, kTwo));
        }},
       {"a vote is sent before it is stored",  // a candidate's own
        [](SafetyChecks& checks) {
          Store(checks, kOne, {}, {.term = Term{2}});
          checks.OnSend(Ask(2));
        }},
       {"",  // another member under the same name
        [](SafetyChecks& checks) {
          Store(checks, kOne, {}, {.term = Term{3}, .vote = kOne});
          checks.OnSend(Ask(3));
          checks.OnDiskReplaced(kOne);
          checks.OnRemovedForGood(kOne);
          Store(checks, kOne, {}, {.term = Term{2}, .vote = kTwo});
          checks.OnSend(Reply(MessageType::kVoteReply, 2, kTwo));
        }},
       {"two votes in one term",  // the first for itself, and forgotten with the disk
        [](SafetyChecks& checks) {
          Store(checks, kOne, {}, {.term = Term{2}, .vote = kOne});
          checks.OnSend(Ask(2));
          checks.OnDiskReplaced(kOne);
          Store(checks, kOne, {}, {.term = Term{2}, .vote = kTwo});
          checks.OnSend(Reply(MessageType::kVoteReply, 2, kTwo));
        }},
       {"", [](SafetyChecks& checks) {
          Store(checks, kOne, {}, {.term = Term{2}, .vote = kOne});
          checks.OnSend(Ask(2));
          checks.OnSend(Ask(2));
          Store(checks, kOne, {}, {.term = Term{3}, .vote = kTwo});
          checks.OnSend(Reply(MessageType::kVoteReply, 3, kTwo));
        }}});
}

TEST(SafetyChecksTest, EachViolationOfLeadingIsSeen) {
  ExpectSeen({{"",
               [](SafetyChecks& checks) {
                 Store(checks, kOne, Entries(1), {.term = Term{1}});
                 StepAsLeader(checks, kOne, 1);
                 Store(checks, kTwo, {At(1, 1), At(2, 2)}, {.term = Term{2}});
                 StepAsLeader(checks, kTwo, 2, Entries(1));
               }},
              {"two leaders of one term",
               [](SafetyChecks& checks) {
                 Store(checks, kOne, Entries(1), {.term = Term{1}});
                 StepAsLeader(checks, kOne, 1);
                 StepAsLeader(checks, kTwo, 1);
               }},
              {"a leader lacks a committed entry",  // its log is too short
               [](SafetyChecks& checks) {
                 Commit(checks, 2);
                 StepAsLeader(checks, kTwo, 2);
               }},
              {"a leader lacks a committed entry",  // it has another one there
               [](SafetyChecks& checks) {
                 Commit(checks, 1);
                 StepAsLeader(checks, kThree, 3, Entries(2, 2));
               }}});
}

TEST(SafetyChecksTest, EachViolationOfCommittingIsSeen) {
  ExpectSeen({{"", [](SafetyChecks& checks) { Commit(checks, 2); }},
              {"a committed entry changes",
               [](SafetyChecks& checks) {
                 Commit(checks, 1);
                 Step(checks, {kThree, LogOf(3, InTerm(Term{2}, LogIndex{1}), Entries(1, 2))});
               }},
              {"a commit leaves a hole",
               [](SafetyChecks& checks) {
                 RestoredLog later = LogOf(3, InTerm(Term{1}, LogIndex{3}), {At(3, 1)});
                 later.snapshot.last = At(2, 1).id();
                 later.applied = LogIndex{2};
                 Step(checks, {kOne, std::move(later)});
               }},
              {"committed, but not stored on a quorum",
               [](SafetyChecks& checks) {
                 Store(checks, kOne, Entries(1), {.term = Term{1}});
                 Step(checks, {kOne, LogOf(3, InTerm(Term{1}, LogIndex{1}), Entries(1))});
               }},
              {"committed, but not stored on a quorum",  // of both halves
               [](SafetyChecks& checks) {
                 Store(checks, kOne, Entries(1), {.term = Term{1}});
                 Configuration joint;
                 joint.voters = {kOne};
                 joint.outgoing = {kTwo, kThree};
                 Step(checks, {kOne, LogOf(3, InTerm(Term{1}, LogIndex{1}), Entries(1)), joint});
               }},
              {"the term goes back",
               [](SafetyChecks& checks) {
                 Step(checks, {kOne, LogOf(3, InTerm(Term{2}), {})});
                 Step(checks, {kOne, LogOf(3, InTerm(Term{1}), {})});
               }},
              {"the commit index goes back",
               [](SafetyChecks& checks) {
                 Commit(checks, 2);
                 Step(checks, {kOne, LogOf(3, InTerm(Term{1}, LogIndex{1}), Entries(2))});
               }},
              {"want applied <= committed <= last", [](SafetyChecks& checks) {
                 Commit(checks, 1);
                 checks.OnApplied(kTwo, {.id = At(1, 1).id()});
                 Step(checks, {kTwo, LogOf(3, InTerm(Term{1}), Entries(1))});
               }}});
}

TEST(SafetyChecksTest, EachViolationOfSnapshotsIsSeen) {
  const auto install = [](SafetyChecks& checks, uint64_t term) {
    const SafetyChecks::Stored stored{
        .snapshot = At(1, term).id(), .hard_state = {}, .entries = {}};
    checks.OnStoreBegin(kThree, stored);
    checks.OnStored(kThree, stored);
  };
  const auto recover = [](SafetyChecks& checks, uint64_t term) {
    checks.OnRestart(kThree, {.hard_state = {}, .base = At(1, term).id(), .entries = {}});
  };
  const auto keep = [](SafetyChecks& checks, uint64_t newest, uint64_t before) {
    checks.OnSnapshotsKept(kOne, {.newest = At(newest, 1).id(), .before = At(before, 1).id()});
  };
  ExpectSeen({{"",
               [&](SafetyChecks& checks) {
                 Commit(checks, 2);
                 checks.OnApplied(kOne, {.id = At(1, 1).id()});
                 keep(checks, 2, 1);
                 checks.OnCompacted(kOne, At(1, 1).id());
                 install(checks, 1);
                 recover(checks, 1);
               }},
              {"compacted beyond what is applied",
               [&](SafetyChecks& checks) {
                 Commit(checks, 2);
                 keep(checks, 2, 1);
                 checks.OnCompacted(kOne, At(1, 1).id());
               }},
              {"compacted beyond the snapshot before the newest",
               [&](SafetyChecks& checks) {
                 Commit(checks, 2);
                 checks.OnApplied(kOne, {.id = At(1, 1).id()});
                 checks.OnApplied(kOne, {.id = At(2, 1).id()});
                 keep(checks, 2, 1);
                 checks.OnCompacted(kOne, At(2, 1).id());
               }},
              {"a snapshot of what is not committed",  // kept
               [&](SafetyChecks& checks) {
                 Commit(checks, 1);
                 keep(checks, 2, 1);
               }},
              {"a snapshot of what is not committed",  // installed
               [&](SafetyChecks& checks) { install(checks, 1); }},
              {"a snapshot of what is not committed",  // but another entry there is
               [&](SafetyChecks& checks) {
                 Commit(checks, 1);
                 install(checks, 2);
               }},
              {"another base was recovered", [&](SafetyChecks& checks) {
                 Commit(checks, 1);
                 install(checks, 1);
                 recover(checks, 2);
               }}});
}

TEST(SafetyChecksTest, EachViolationOfApplyingIsSeen) {
  const std::vector<KvCommand> fresh = {{.client = 0, .sequence = 4}};
  ExpectSeen({{"",
               [&](SafetyChecks& checks) {
                 Commit(checks, 1);
                 checks.OnApplied(kOne, First(7, fresh));
                 checks.OnApplied(kTwo, First(7, fresh));
                 checks.OnRestored(kThree, LogIndex{1}, 7);
                 checks.OnAcknowledged(0, 4);
               }},
              {"applied, but not committed",
               [](SafetyChecks& checks) { checks.OnApplied(kOne, First(7)); }},
              {"applied out of order",
               [](SafetyChecks& checks) {
                 Commit(checks, 2);
                 checks.OnApplied(kOne, {.id = At(2, 1).id()});
               }},
              {"two replicas apply different commands",
               [](SafetyChecks& checks) {
                 Commit(checks, 1);
                 checks.OnApplied(kOne, First(7));
                 SafetyChecks::Applied other = First(7);
                 other.payload_crc32c = 1;
                 checks.OnApplied(kTwo, other);
               }},
              {"two replicas reach different states",
               [](SafetyChecks& checks) {
                 Commit(checks, 1);
                 checks.OnApplied(kOne, First(7));
                 checks.OnApplied(kTwo, First(8));
               }},
              {"a request was carried out twice",
               [&](SafetyChecks& checks) {
                 Commit(checks, 2);
                 checks.OnApplied(kOne, First(7, fresh));
                 SafetyChecks::Applied again = First(8, fresh);
                 again.id = At(2, 1).id();
                 checks.OnApplied(kOne, again);
               }},
              {"a snapshot holds another state than was applied",
               [](SafetyChecks& checks) {
                 Commit(checks, 1);
                 checks.OnApplied(kOne, First(7));
                 checks.OnRestored(kTwo, LogIndex{1}, 8);
               }},
              {"the state goes back",
               [](SafetyChecks& checks) {
                 Commit(checks, 2);
                 checks.OnApplied(kOne, First(7));
                 checks.OnApplied(kOne, {.id = At(2, 1).id()});
                 checks.OnRestored(kOne, LogIndex{1}, 7);
               }},
              {"client 0 was told of request 4",
               [](SafetyChecks& checks) { checks.OnAcknowledged(0, 4); }}});
}

}  // namespace
}  // namespace blixard::raft
