#include "tests/simulation/machine_room.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/configuration.h"

namespace blixard::raft {
namespace {

constexpr VirtualTime kSoonAfterRepair = kSecond / 10;

// Of `node`'s group as far as it knows: all changes it has heard of are in force.
bool ChangesAreInForce(const VirtualReplica& replica) {
  const RaftLog& log = replica.node().log();
  for (LogIndex index = std::max(replica.applied() + 1, log.first_index());
       index <= log.last_index(); ++index) {
    if (log.At(index).type == EntryType::kConfiguration) return false;
  }
  return true;
}

// An operator was told that the last one is done, or would be if he asked for it again.
bool ChangesAreConfirmed(const RawNode& leader) {
  return leader.confirmed_change() == leader.GetStatus().configuration_index;
}

}  // namespace

Machine::DiskFailure Machine::TakeDiskFailure() {
  const MemoryFileSystem& disk = replica->disk();
  const bool any = std::exchange(disk_failures, disk.failures()) != disk.failures();
  const bool write = std::exchange(failed_writes, disk.failed_writes()) != disk.failed_writes();
  if (!any) return DiskFailure::kNone;
  return write ? DiskFailure::kWrite : DiskFailure::kSync;
}

void MachineRoom::Add(std::unique_ptr<VirtualReplica> replica, LocalClock clock) {
  machines_.push_back({.replica = std::move(replica), .clock = clock});
}

void MachineRoom::ScheduleTick(uint32_t index) {
  const Machine& machine = machines_[index];
  const VirtualTime when = machine.clock.WhenItShows(machine.replica->next_tick());
  parts_.agenda.At(when, EventKind::kTick, index, machine.replica->life());
}

void MachineRoom::Restart(uint32_t index, bool blank) {
  Machine& machine = machines_[index];
  machine.restarts = false;
  if (machine.replica->running()) return;
  const bool lost = machine.disk == Machine::Disk::kLost;
  if (lost != blank || (lost && Leader() == nullptr)) return;
  if (absl::Status started = machine.replica->Start(); !started.ok()) {
    return NoticeBadStart(index, started);
  }
  if (!lost) machine.disk = Machine::Disk::kSound;
  machine.was_harmed = false;  // it has read all that it will ever use
  ScheduleTick(index);
}

void MachineRoom::NoticeBadStart(uint32_t index, const absl::Status& refusal) {
  Machine& machine = machines_[index];
  if (machine.replica->disk().dead() || absl::IsResourceExhausted(refusal)) {
    return PowerOff(index, machine.down_for);
  }
  if (machine.TakeDiskFailure() != Machine::DiskFailure::kNone) return EndForDiskFailure(index);
  if (machine.was_harmed && absl::IsDataLoss(refusal)) {
    parts_.coverage.Hit(Rare::kDamageRefused);
    return LoseDisk(index);
  }
  parts_.checks.Fail(
      absl::StrCat("replica ", index + 1, " does not start from its disk: ", refusal.ToString()));
}

void MachineRoom::ScheduleRestart(uint32_t index, VirtualTime down_for) {
  if (std::exchange(machines_[index].restarts, true)) return;
  parts_.agenda.After(down_for, EventKind::kRestart, index);
}

void MachineRoom::PowerOff(uint32_t index, VirtualTime down_for) {
  Machine& machine = machines_[index];
  machine.replica->End();
  machine.replica->disk().Crash(&parts_.random);
  parts_.coverage.Hit(Rare::kCrash);
  ScheduleRestart(index, down_for);
}

void MachineRoom::EndProcess(uint32_t index, VirtualTime down_for) {
  if (!machines_[index].replica->running()) return;
  machines_[index].replica->End();
  parts_.coverage.Hit(Rare::kProcessEnded);
  ScheduleRestart(index, down_for);
}

// The disk died or failed under the replica, so its process has ended.
void MachineRoom::NoticeFailure(uint32_t index) {
  Machine& machine = machines_[index];
  const bool dead = machine.replica->disk().dead();
  if (machine.restarts || (machine.replica->running() && !dead)) return;
  if (dead) {
    parts_.coverage.Hit(Rare::kCrashInWrite);
    return PowerOff(index, machine.down_for);
  }
  const absl::Status& failure = machine.replica->failure();
  const Machine::DiskFailure failed = machine.TakeDiskFailure();
  if (failed != Machine::DiskFailure::kNone) {
    const bool write = failed == Machine::DiskFailure::kWrite;
    parts_.coverage.Hit(write ? Rare::kFailedWriteStop : Rare::kFailedSyncStop);
    return EndForDiskFailure(index);
  }
  if (machine.was_harmed && absl::IsDataLoss(failure)) {
    return ScheduleRestart(index, machine.down_for);
  }
  parts_.checks.Fail(
      absl::StrCat("replica ", index + 1, " stopped without reason: ", failure.ToString()));
}

// Often the machine stays up. Then the next process finds what the kernel still shows of the data
// that were not written, and of some of it no more.
void MachineRoom::EndForDiskFailure(uint32_t index) {
  Machine& machine = machines_[index];
  if (parts_.random.Below(2) == 0) return PowerOff(index, machine.down_for);
  machine.replica->End();
  machine.replica->disk().EndProcess(&parts_.random);
  parts_.coverage.Hit(Rare::kRestartAfterFailedSync);
  ScheduleRestart(index, machine.down_for);
}

void MachineRoom::LoseDisk(uint32_t index) {
  Machine& machine = machines_[index];
  machine.replica->End();
  machine.replica->ReplaceDisk();
  machine.disk = Machine::Disk::kLost;
  machine.was_harmed = false;
  machine.rejoins = true;
  parts_.coverage.Hit(Rare::kDiskLost);
  parts_.agenda.After(kSecond / 2, EventKind::kOperator, index);
  if (parts_.random.Below(2) == 0) {
    parts_.agenda.After(kTickTime, EventKind::kRestart, index, /*blank=*/1);
  }
}

bool MachineRoom::all_disks_are_sound() const {
  return std::all_of(machines_.begin(), machines_.end(),
                     [](const Machine& machine) { return machine.disk == Machine::Disk::kSound; });
}

bool MachineRoom::operator_is_done() const {
  return std::none_of(machines_.begin(), machines_.end(),
                      [](const Machine& machine) { return machine.rejoins; });
}

bool MachineRoom::CanDoWithout(uint32_t index) const {
  const VirtualReplica* leader = Leader();
  if (leader == nullptr || !all_disks_are_sound()) return false;
  const Configuration& group = leader->node().configuration();
  if (group.IsJoint() || !ChangesAreConfirmed(leader->node())) return false;
  for (const Machine& machine : machines_) {
    const VirtualReplica& replica = *machine.replica;
    if (!replica.running()) return false;
    if (!ChangesAreInForce(replica)) return false;
    const bool knows = replica.node().configuration() == group;
    if (group.HasMember(replica.id()) && !knows) return false;
  }
  return group.voters.size() >= 3 || !group.HasVoter(machines_[index].replica->id());
}

const VirtualReplica* MachineRoom::Leader() const {
  const VirtualReplica* leader = nullptr;
  for (const Machine& machine : machines_) {
    const VirtualReplica& replica = *machine.replica;
    if (!replica.running() || replica.node().role() != Role::kLeader) continue;
    if (leader == nullptr || leader->node().term() < replica.node().term()) leader = &replica;
  }
  return leader;
}

void MachineRoom::Ask(uint32_t index, ReplicaRequest request) {
  Machine& machine = machines_[index];
  if (machine.replica->running() && machine.paused_until <= parts_.agenda.now()) {
    machine.replica->Request(std::move(request));
  }
}

void MachineRoom::AskLeader(ReplicaRequest request) {
  if (const VirtualReplica* leader = Leader()) {
    Ask(static_cast<uint32_t>(leader->id()) - 1, std::move(request));
  }
}

void MachineRoom::Repair() {
  for (uint32_t i = 0; i < size(); ++i) {
    Machine& machine = machines_[i];
    machine.paused_until = parts_.agenda.now();
    machine.down_for = kSoonAfterRepair;
    machine.clock.SetPace(parts_.agenda.now(), 1000);
    machine.disk_slower = 0;
    MemoryFileSystem& disk = machine.replica->disk();
    disk.DieAt(0);
    disk.FailSync(0);
    disk.FailWrite(0);
    disk.set_capacity_bytes(UINT64_MAX);
    if (machine.disk == Machine::Disk::kHarmed) machine.replica->End();
    if (!machine.replica->running()) parts_.agenda.After(0, EventKind::kRestart, i);
  }
}

void MachineRoom::EndAll() {
  for (Machine& machine : machines_) machine.replica->End();
}

}  // namespace blixard::raft
