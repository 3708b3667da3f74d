// Configurations against a model that only knows sets: every configuration of a few replicas and
// every change of them, larger ones at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/quorum.h"
#include "raft/core/split_mix.h"
#include "raft/core/types.h"

namespace blixard::raft {
namespace {

// Replica i is bit i - 1.
using Set = uint32_t;

bool In(Set set, size_t bit) { return ((set >> bit) & 1) != 0; }
size_t BitOf(ReplicaId id) { return static_cast<size_t>(id) - 1; }

std::vector<ReplicaId> IdsOf(Set set) {
  std::vector<ReplicaId> ids;
  for (size_t bit = 0; bit < 32; ++bit) {
    if (In(set, bit)) ids.push_back(ReplicaId{bit + 1});
  }
  return ids;
}

Set SetOf(const std::vector<ReplicaId>& ids) {
  Set set = 0;
  for (ReplicaId id : ids) set |= Set{1} << BitOf(id);
  return set;
}

bool IsMajority(Set of, Set set) { return 2 * std::popcount(of & set) > std::popcount(of); }

// The definition of a quorum.
struct Halves {
  explicit Halves(const Configuration& c)
      : incoming(SetOf(c.voters)), outgoing(SetOf(c.IsJoint() ? c.outgoing : c.voters)) {}

  bool HasQuorum(Set set) const { return IsMajority(incoming, set) && IsMajority(outgoing, set); }

  const Set incoming;
  const Set outgoing;
};

Configuration Make(Set voters, Set outgoing) {
  return {.voters = IdsOf(voters), .outgoing = IdsOf(outgoing)};
}

// Calls `visit` with every configuration of up to `universe` replicas whose halves are any sets.
void ForEachPair(size_t universe, const std::function<void(const Configuration&)>& visit) {
  for (Set voters = 1; voters < Set{1} << universe; ++voters) {
    for (Set outgoing = 0; outgoing < Set{1} << universe; ++outgoing) {
      visit(Make(voters, outgoing));
    }
  }
}

// Won: the granted are a quorum. Lost: no answers still to come could make one.
VoteResult ModelVote(const Halves& halves, Set granted, Set refused) {
  if (halves.HasQuorum(granted)) return VoteResult::kWon;
  return halves.HasQuorum(~refused) ? VoteResult::kPending : VoteResult::kLost;
}

VoteResult VoteOf(const Configuration& c, Set granted, Set refused) {
  return VoteResultOf(c, [&](ReplicaId id) {
    if (In(granted, BitOf(id))) return Ballot::kGranted;
    return In(refused, BitOf(id)) ? Ballot::kRefused : Ballot::kMissing;
  });
}

void CheckAllVotes(const Configuration& c, size_t universe) {
  const Halves halves(c);
  for (Set granted = 0; granted < Set{1} << universe; ++granted) {
    const Set others = ~granted & ((Set{1} << universe) - 1);
    // All subsets of the others.
    for (Set refused = others;; refused = (refused - 1) & others) {
      ASSERT_EQ(VoteOf(c, granted, refused), ModelVote(halves, granted, refused))
          << ToString(c) << " granted " << granted << " refused " << refused;
      if (refused == 0) break;
    }
  }
}

TEST(ConfigurationModelTest, EveryVoteOfFiveReplicasEndsAsTheModelSays) {
  ForEachPair(5, [](const Configuration& c) { CheckAllVotes(c, 5); });
}

TEST(ConfigurationModelTest, EveryVoteOfTwoDisjointFivesEndsAsTheModelSays) {
  CheckAllVotes(Make(0b0000011111, 0b1111100000), 10);
}

using Acked = std::vector<LogIndex>;  // by bit

LogIndex CommittedOf(const Configuration& c, const Acked& acked) {
  return CommittedIndex(c, [&](ReplicaId id) { return acked[BitOf(id)]; });
}

Set WhoStores(const Acked& acked, LogIndex index) {
  Set set = 0;
  for (size_t bit = 0; bit < acked.size(); ++bit) set |= Set{acked[bit] >= index} << bit;
  return set;
}

void ExpectCommittedRightly(const Configuration& c, const Acked& acked) {
  const LogIndex committed = CommittedOf(c, acked);
  const Halves halves(c);
  ASSERT_TRUE(halves.HasQuorum(WhoStores(acked, committed))) << ToString(c) << " at " << committed;
  ASSERT_FALSE(halves.HasQuorum(WhoStores(acked, committed + 1))) << ToString(c) << committed;
}

TEST(ConfigurationModelTest, CommittedIndexIsTheHighestThatAQuorumStores) {
  SplitMix random(7);
  ForEachPair(6, [&](const Configuration& c) {
    Acked acked(6);
    for (int trial = 0; trial < 4; ++trial) {
      for (LogIndex& index : acked) index = LogIndex{random.Below(5)};
      ExpectCommittedRightly(c, acked);
    }
  });
}

TEST(ConfigurationModelTest, CommittedIndexOfAJointConfigurationIsTheLowerOfItsHalves) {
  SplitMix random(8);
  ForEachPair(5, [&](const Configuration& c) {
    if (!c.IsJoint()) return;
    Acked acked(5);
    for (LogIndex& index : acked) index = LogIndex{random.Below(9)};
    const LogIndex incoming = CommittedOf({.voters = c.voters}, acked);
    const LogIndex outgoing = CommittedOf({.voters = c.outgoing}, acked);
    EXPECT_EQ(CommittedOf(c, acked), std::min(incoming, outgoing)) << ToString(c);
  });
}

// S2: a scan that updates what it counted last time went wrong when acknowledgements came in an
// order it did not foresee. Ours counts anew; every order must give the model's answer each time.
TEST(ConfigurationModelTest, S2AcknowledgementsInAnyOrderCommitWhatAQuorumStores) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix random(seed);
    const size_t universe = 1 + random.Below(12);
    const Set all = (Set{1} << universe) - 1;
    const Set voters = static_cast<Set>(1 + random.Below(all));
    const Configuration c = Make(voters, static_cast<Set>(random.Below(all + 1)));
    Acked acked(universe);
    LogIndex before;
    for (int ack = 0; ack < 60; ++ack) {
      LogIndex& index = acked[random.Below(universe)];
      index = index + random.Below(4);
      ASSERT_NO_FATAL_FAILURE(ExpectCommittedRightly(c, acked));
      ASSERT_GE(CommittedOf(c, acked), before) << "committed went back";
      before = CommittedOf(c, acked);
    }
  }
}

enum class Part : uint8_t { kNone, kVoter, kLearner };
using Parts = std::vector<Part>;  // by bit

Configuration ConfigurationOf(const Parts& parts) {
  Configuration c;
  for (size_t bit = 0; bit < parts.size(); ++bit) {
    const ReplicaId id{bit + 1};
    if (parts[bit] == Part::kVoter) c.voters.push_back(id);
    if (parts[bit] == Part::kLearner) c.learners.push_back(id);
  }
  return c;
}

// One change for each replica that has one, `what[bit]` 0 for none.
std::vector<MemberChange> ChangesOf(const std::vector<uint8_t>& what) {
  std::vector<MemberChange> changes;
  for (size_t bit = 0; bit < what.size(); ++bit) {
    if (what[bit] == 0) continue;
    changes.push_back({.type = MemberChangeType{what[bit]}, .id = ReplicaId{bit + 1}});
  }
  return changes;
}

Parts PartsAfter(Parts parts, const std::vector<MemberChange>& changes) {
  for (const MemberChange& change : changes) {
    Part& part = parts[BitOf(change.id)];
    if (change.type == MemberChangeType::kAddVoter) part = Part::kVoter;
    if (change.type == MemberChangeType::kAddLearner) part = Part::kLearner;
    if (change.type == MemberChangeType::kRemove) part = Part::kNone;
  }
  return parts;
}

bool CanDecideApart(const Configuration& a, const Configuration& b, size_t universe) {
  const Halves of_a(a);
  const Halves of_b(b);
  for (Set set = 0; set < Set{1} << universe; ++set) {
    const Set others = ~set & ((Set{1} << universe) - 1);
    if (of_a.HasQuorum(set) && of_b.HasQuorum(others)) return true;
  }
  return false;
}

// What entering a joint configuration must give, written down from its definition.
Configuration ModelJoint(const Configuration& from, const Configuration& to, Leave leave) {
  const Set outgoing = SetOf(from.voters);
  const Set learners = SetOf(to.learners);
  return {.voters = to.voters,
          .outgoing = from.voters,
          .learners = IdsOf(learners & ~outgoing),
          .learners_next = IdsOf(learners & outgoing),
          .auto_leave = leave == Leave::kAutomatic};
}

struct Step {
  Parts from;
  std::vector<MemberChange> changes;
};

void ExpectJointRoundTrip(const Step& step, const Configuration& to) {
  const Configuration from = ConfigurationOf(step.from);
  for (Leave leave : {Leave::kExplicit, Leave::kAutomatic}) {
    const absl::StatusOr<Configuration> joint = EnterJoint(from, step.changes, leave);
    ASSERT_TRUE(joint.ok()) << joint.status();
    ASSERT_EQ(*joint, ModelJoint(from, to, leave));
    ASSERT_TRUE(CheckConfiguration(*joint).ok()) << CheckConfiguration(*joint);
    const absl::StatusOr<Configuration> left = LeaveJoint(*joint);
    ASSERT_TRUE(left.ok()) << left.status();
    ASSERT_EQ(*left, to);
    ASSERT_FALSE(CanDecideApart(from, *joint, step.from.size()));
    ASSERT_FALSE(CanDecideApart(*joint, *left, step.from.size()));
  }
}

void ExpectSimpleIfSafe(const Step& step, const Configuration& to) {
  const Configuration from = ConfigurationOf(step.from);
  const absl::StatusOr<Configuration> simple = ChangeSimple(from, step.changes);
  const int changed = std::popcount(SetOf(from.voters) ^ SetOf(to.voters));
  ASSERT_EQ(simple.ok(), changed <= 1) << simple.status();
  const absl::StatusOr<Configuration> applied = Apply(from, {.changes = step.changes});
  ASSERT_TRUE(applied.ok()) << applied.status();
  if (!simple.ok()) {
    ASSERT_EQ(*applied, ModelJoint(from, to, Leave::kAutomatic));
    return;
  }
  ASSERT_EQ(*simple, to);
  ASSERT_EQ(*applied, to);
  ASSERT_FALSE(CanDecideApart(from, to, step.from.size()));
}

void ExpectStep(const Step& step) {
  SCOPED_TRACE(ToString(ConfigurationOf(step.from)) + " " +
               ToString(ConfigurationChange{.changes = step.changes}));
  const Configuration to = ConfigurationOf(PartsAfter(step.from, step.changes));
  if (!to.voters.empty()) {
    ASSERT_NO_FATAL_FAILURE(ExpectJointRoundTrip(step, to));
    ASSERT_NO_FATAL_FAILURE(ExpectSimpleIfSafe(step, to));
    return;
  }
  const Configuration from = ConfigurationOf(step.from);
  ASSERT_EQ(ChangeSimple(from, step.changes).status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(EnterJoint(from, step.changes, Leave::kExplicit).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// Counts through all values of all digits; false when it is back at zero.
template <class Digit>
bool NextNumber(std::vector<Digit>& digits, uint8_t base) {
  for (Digit& digit : digits) {
    const uint8_t next = static_cast<uint8_t>((static_cast<uint8_t>(digit) + 1) % base);
    digit = static_cast<Digit>(next);
    if (next != 0) return true;
  }
  return false;
}

TEST(ConfigurationModelTest, EveryStepOfFourReplicasKeepsQuorumsMeeting) {
  Parts from(4);
  while (NextNumber(from, 3)) {
    if (ConfigurationOf(from).voters.empty()) continue;
    std::vector<uint8_t> what(4);
    while (NextNumber(what, 4)) {
      ASSERT_NO_FATAL_FAILURE(ExpectStep({.from = from, .changes = ChangesOf(what)}));
    }
  }
}

TEST(ConfigurationModelTest, RandomStepsOfTenReplicasKeepQuorumsMeeting) {
  for (uint64_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix random(seed);
    Parts from(10);
    for (Part& part : from) part = Part{static_cast<uint8_t>(random.Below(3))};
    from[0] = Part::kVoter;
    std::vector<uint8_t> what(10);
    for (uint8_t& change : what) change = static_cast<uint8_t>(random.Below(4));
    what[9] = 1;  // at least one change
    ASSERT_NO_FATAL_FAILURE(ExpectStep({.from = from, .changes = ChangesOf(what)}));
  }
}

// The neighbour that must not be allowed: the model would notice.
TEST(ConfigurationModelTest, TwoVotersAtOnceCouldDecideApart) {
  EXPECT_TRUE(CanDecideApart(Make(0b0111, 0), Make(0b11001, 0), 5));  // 1 2 3 to 1 4 5
  EXPECT_TRUE(CanDecideApart(Make(0b0011, 0), Make(0b1100, 0), 4));
  EXPECT_FALSE(CanDecideApart(Make(0b0111, 0), Make(0b1111, 0), 4));
}

}  // namespace
}  // namespace blixard::raft
