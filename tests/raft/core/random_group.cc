#include "tests/raft/core/random_group.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/raw_node_config.h"

namespace blixard::raft {
namespace {

RawNodeConfig ConfigOf(const Trial& trial, SplitMix& random) {
  RawNodeConfig config;
  config.cluster = ClusterId{7};
  config.seed = trial.seed;
  config.election_ticks = trial.leases ? 8 : 5;
  // A removed replica does not know it and campaigns on: that needs both (hashicorp/raft #524).
  config.pre_vote = trial.changes_members || random.Below(4) != 0;
  config.check_quorum = trial.changes_members || trial.leases || random.Below(4) != 0;
  if (trial.leases) config.lease = {.enabled = true, .clock_error_ticks = 1};
  config.async_storage_writes = trial.async;
  // Small enough that every limit is met.
  config.max_append_bytes = 40 + random.Below(200);
  config.max_inflight_messages = static_cast<uint32_t>(1 + random.Below(4));
  config.max_inflight_bytes = config.max_append_bytes * 2;
  config.max_uncommitted_bytes = 120;
  config.max_committed_bytes_per_ready = 1 + random.Below(150);
  config.max_applying_bytes = 1 + random.Below(300);
  config.max_waiting_bytes = 100;
  config.max_pending_reads = static_cast<uint32_t>(1 + random.Below(8));
  if (trial.loses_disks) config.max_new_voter_lag = 5;
  return config;
}

constexpr absl::string_view kLastWords = "the last";

Configuration VotersOf(const Trial& trial) {
  Configuration configuration;
  for (uint64_t id = 1; id <= trial.voters; ++id) configuration.voters.push_back(ReplicaId{id});
  return configuration;
}

}  // namespace

RandomGroup::RandomGroup(const Trial& trial)
    : trial_(trial),
      random_(trial.seed * 31 + trial.voters),
      group_(ConfigOf(trial, random_), VotersOf(trial)),
      invariants_(group_) {
  group_.set_trace([this](const std::string& step) {
    totals_.installs += step.find(" installs ") != std::string::npos;
    if (std::getenv("RAFT_TRACE") != nullptr) fprintf(stderr, "%s\n", step.c_str());
  });
  if (trial.changes_members) group_.AddReplica(ReplicaId{trial.voters + 1});
  if (trial.changes_members) group_.AddReplica(ReplicaId{trial.voters + 2});
}

void RandomGroup::Run() {
  for (int step = 0; step < trial_.steps; ++step) {
    Act();
    if (trial_.leases) ReadByLeases();
  }
  HealAndConverge();
}

Totals RandomGroup::totals() const {
  Totals totals = totals_;
  totals.leaders = invariants_.leaders();
  totals.committed = invariants_.committed();
  totals.reads = invariants_.reads();
  return totals;
}

ReplicaId RandomGroup::AnyReplica() { return ReplicaId{1 + random_.Below(group_.ids().size())}; }

void RandomGroup::Act() {
  const uint64_t dice = random_.Below(1000);
  if (trial_.leases && dice >= 570 && dice < 750) {
    TickNext();
  } else if (trial_.leases && dice >= 940 && dice < 965) {
    LeaveLeader(AnyReplica(), dice);
  } else if (dice < 550) {
    NetworkAct(dice);
  } else {
    ReplicaAct(AnyReplica(), dice);
  }
}

void RandomGroup::NetworkAct(uint64_t dice) {
  if (group_.in_flight().empty()) return;
  // Mostly in order, sometimes not at all.
  const size_t size = group_.in_flight().size();
  size_t position = random_.Below(random_.Below(3) == 0 ? size : 1);
  // Votes that come late are what leases have to fear.
  if (trial_.leases && IsOfElection(group_.in_flight()[position])) position = random_.Below(size);
  const ReplicaId to = group_.in_flight()[position].to;
  if (dice < 35) return group_.Drop(position);
  if (dice < 70) return group_.Duplicate(position);
  const bool confirms = group_.in_flight()[position].type == MessageType::kHeartbeat;
  group_.Deliver(position);
  Check(to);
  if (trial_.leases && confirms && random_.Below(20) == 0) return RestartAtOnce(to);
  if (random_.Below(3) != 0) WorkSome(to);
}

bool RandomGroup::IsOfElection(const Message& message) {
  return message.type == MessageType::kPreVote || message.type == MessageType::kPreVoteReply ||
         message.type == MessageType::kVote || message.type == MessageType::kVoteReply;
}

// Clocks that run alike, also while their replica is down: none ticks again before all others
// have.
void RandomGroup::TickNext() {
  uint64_t slowest = UINT64_MAX;
  for (ReplicaId id : group_.ids()) slowest = std::min(slowest, clocks_[id]);
  ReplicaId id = AnyReplica();
  while (clocks_[id] > slowest) id = AnyReplica();
  ++clocks_[id];
  if (!group_.IsUp(id)) {
    if (random_.Below(2) == 0) group_.Start(id);
    return;
  }
  group_.node(id).Tick();
  Check(id);
  WorkSome(id);
}

// What it confirmed has left; what it stored may be lost.
void RandomGroup::RestartAtOnce(ReplicaId id) {
  if (!group_.IsUp(id)) return;
  group_.BeginWork(id);
  Crash(id);
  group_.Start(id);
}

// What makes others leave a leader that is well.
void RandomGroup::LeaveLeader(ReplicaId id, uint64_t dice) {
  if (!group_.IsUp(id)) return;
  const ReplicaId leader = group_.leader();
  if (dice < 950) {
    if (leader == id) group_.Heal();
    group_.node(id).Campaign();
  } else if (leader != kNoReplica && leader != id) {
    group_.CutLink(leader, id);
    group_.CutLink(id, leader);
  }
  Check(id);
  WorkSome(id);
}

void RandomGroup::ReadByLeases() {
  for (ReplicaId id : group_.ids()) {
    if (!group_.IsUp(id)) continue;
    const std::optional<LogIndex> index = group_.node(id).LeaseRead();
    if (!index.has_value()) continue;
    invariants_.CheckLeaseRead(*index);
    ++totals_.lease_reads;
  }
}

void RandomGroup::ReplicaAct(ReplicaId id, uint64_t dice) {
  if (dice < 556) return ToggleCut(id);
  if (!group_.IsUp(id)) {
    if (dice < 700) group_.Start(id);
    return;
  }
  if (dice < 562) return Crash(id);
  if (dice < 570) group_.node(id).Campaign();
  if (dice < 750) group_.node(id).Tick();
  if (dice >= 750 && dice < 830) Propose(id);
  if (dice >= 830 && dice < 835) group_.node(id).ReportUnreachable(AnyReplica());
  if (dice >= 835 && dice < 838) group_.node(id).ForgetLeader();
  if (dice >= 838 && dice < 845) totals_.transfers += Transfer(id);
  if (dice >= 845 && dice < 865) Read(id);
  if (dice >= 865 && dice < 900) Snapshot(id);
  // Many draws change nothing and are refused.
  if (dice >= 900 && dice < 940 && trial_.changes_members) Change(id);
  if (dice >= 800 && trial_.loses_disks) TakeCareOfDisks(id);
  Check(id);
  WorkSome(id);
}

void RandomGroup::Check(ReplicaId id) {
  invariants_.CheckAfter(id);
  for (const ReadAnswer& read : group_.TakeReads(id)) invariants_.CheckRead(read);
}

// Half a batch now and then, so that the next step meets an open one.
void RandomGroup::WorkSome(ReplicaId id) {
  if (!group_.IsUp(id)) return;
  const uint64_t dice = random_.Below(4);
  if (dice == 0 && trial_.async) group_.FinishAppend(id);
  if (dice == 1 && trial_.async) group_.FinishApply(id);
  if (dice >= 2) group_.FinishWork(id);
  Check(id);
  if (random_.Below(2) == 0) {
    group_.BeginWork(id);
  } else {
    group_.Work(id);
  }
  Check(id);
}

void RandomGroup::Propose(ReplicaId id) {
  const std::string text = absl::StrCat("p", ++proposals_, std::string(random_.Below(60), '.'));
  const bool may = text.size() <= group_.node(id).UncommittedBytesLeft();
  CHECK_EQ(group_.Propose(id, text).ok(), may);
}

bool RandomGroup::Transfer(ReplicaId id) {
  return group_.node(id).TransferLeader(AnyReplica()).ok();
}

void RandomGroup::Read(ReplicaId id) {
  const absl::StatusOr<ReadToken> token = group_.Read(id);
  if (token.ok()) invariants_.OnRead(*token);
}

void RandomGroup::Snapshot(ReplicaId id) {
  const LogIndex before = group_.node(id).snapshot().last.index;
  group_.TakeSnapshot(id);
  const LogIndex last = group_.node(id).snapshot().last.index;
  totals_.snapshots += last > before;
  if (random_.Below(2) == 0) group_.Compact(id, LogIndex{random_.Below(last.value + 1)});
}

// Only who has been a member long enough to have a configuration on its disk is made a voter: a
// blank replica does not vote, so a group that counts on it may be left without a leader.
void RandomGroup::Change(ReplicaId id) {
  ConfigurationChange change;
  change.transition = static_cast<Transition>(random_.Below(3));
  for (uint64_t member = 1; member <= group_.ids().size(); ++member) {
    if (random_.Below(3) != 0) continue;
    auto type = static_cast<MemberChangeType>(1 + random_.Below(3));
    const bool blank = group_.disk(ReplicaId{member}).snapshot().configuration.IsEmpty();
    if (type == MemberChangeType::kAddVoter && blank) type = MemberChangeType::kAddLearner;
    change.changes.push_back({.type = type, .id = ReplicaId{member}});
  }
  if (random_.Below(3) == 0) change = {};
  totals_.changes += group_.node(id).ProposeConfigurationChange(change).ok();
}

// What an operator does who learns late, of one disk at a time: who lost it is removed, and added
// anew with an empty disk once a leader, `id`, has confirmed the removal; when its promotion is
// confirmed, too, the next disk may be lost.
void RandomGroup::TakeCareOfDisks(ReplicaId id) {
  if (lost_ == kNoReplica) {
    if (random_.Below(20) == 0) LoseDiskOf(lost_ = AnyReplica());
    return;
  }
  if (!group_.IsUp(id) || group_.node(id).role() != Role::kLeader) return;
  const Configuration& members = group_.node(id).configuration();
  const LogIndex known = group_.node(id).GetStatus().configuration_index;
  if (group_.node(id).confirmed_change() != known) return;  // a change is under way
  if (group_.node(id).WantsNewerSnapshot()) group_.TakeSnapshot(id);
  if (removed_at_ == LogIndex{0}) {
    if (members.HasMember(lost_)) return Ask(id, MemberChangeType::kRemove);
    removed_at_ = known;
    if (random_.Below(2) == 0) LoseDiskOf(lost_);  // else it is the one that waits since then
  } else if (!members.HasMember(lost_)) {
    Ask(id, MemberChangeType::kAddLearner);
  } else if (members.HasLearner(lost_)) {
    Ask(id, MemberChangeType::kAddVoter);
  } else if (known > removed_at_) {
    ++totals_.replaced;
    lost_ = kNoReplica;
    removed_at_ = LogIndex{0};
    if (random_.Below(2) == 0) CutPower();
  }
}

// The change before it is confirmed, so the others must do without one of them at once, though all
// that they have not synced is lost.
void RandomGroup::CutPower() {
  for (ReplicaId id : group_.ids()) {
    if (!group_.IsUp(id)) continue;
    ++totals_.crashes;
    group_.Crash(id, 0);
    invariants_.Forget(id);
  }
  LoseDiskOf(lost_ = AnyReplica());
}

void RandomGroup::LoseDiskOf(ReplicaId id) {
  ++totals_.lost_disks;
  if (group_.IsUp(id)) Crash(id);
  group_.LoseDisk(id);
}

void RandomGroup::Ask(ReplicaId leader, MemberChangeType type) {
  const ConfigurationChange change{.changes = {{.type = type, .id = lost_}}};
  totals_.changes += group_.node(leader).ProposeConfigurationChange(change).ok();
}

void RandomGroup::ToggleCut(ReplicaId id) {
  if (random_.Below(2) == 0) {
    group_.Cut(id);
  } else {
    group_.Heal();
  }
}

void RandomGroup::Crash(ReplicaId id) {
  ++totals_.crashes;
  group_.Crash(id, random_.Below(group_.disk(id).unsynced_writes() + 1));
  invariants_.Forget(id);
}

void RandomGroup::HealAndConverge() {
  group_.Heal();
  for (ReplicaId id : group_.ids()) {
    if (!group_.IsUp(id)) group_.Start(id);
  }
  // What the last proposal met, for the message below.
  absl::Status proposed = absl::UnavailableError("no leader was met outside a joint configuration");
  LogIndex last_index;
  for (int round = 0; round < 400; ++round) {
    for (ReplicaId id : group_.ids()) {
      group_.node(id).Tick();
      group_.Work(id);
    }
    group_.Settle();
    for (ReplicaId id : group_.ids()) Check(id);
    const ReplicaId leader = group_.leader();
    if (leader == kNoReplica) continue;
    const Configuration& members = group_.node(leader).configuration();
    if (group_.node(leader).WantsNewerSnapshot()) group_.TakeSnapshot(leader);
    if (members.IsJoint()) {
      group_.node(leader).ProposeConfigurationChange({}).IgnoreError();
    } else if (!proposed.ok()) {
      const absl::StatusOr<EntryId> last = group_.Propose(leader, kLastWords);
      proposed = last.status();
      if (last.ok()) last_index = last->index;
    } else if (HaveAllApplied(members, last_index)) {
      return;
    }
  }
  LOG(FATAL) << "no convergence; the last proposal: " << proposed;
}

// As an entry, or within the snapshot that the state began with.
bool RandomGroup::HaveAllApplied(const Configuration& members, LogIndex last) const {
  for (ReplicaId id : members.Members()) {
    if (id == lost_ && removed_at_ == LogIndex{0}) continue;
    const std::vector<Entry>& applied = group_.state(id).entries;
    const bool has = std::any_of(applied.begin(), applied.end(), [](const Entry& entry) {
      return entry.payload.view() == kLastWords;
    });
    if (!has && group_.state(id).from.index < last) return false;
    if (group_.node(id).last_index() != group_.node(id).commit_index()) return false;
  }
  return true;
}

}  // namespace blixard::raft
