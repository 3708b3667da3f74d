#include "tests/simulation/chaos.h"

#include <algorithm>
#include <cstdint>

#include "raft/core/node_status.h"
#include "raft/runtime/replica_request.h"
#include "tests/simulation/change_drawing.h"
#include "tests/simulation/disk_harm.h"

namespace blixard::raft {

void Chaos::Begin(const Fault& fault) {
  if (ChangesNetwork(fault, /*begins=*/true) || TroublesDisk(fault) || AsksGroup(fault)) return;
  Machine& machine = parts_.room.at(fault.a);
  switch (fault.kind) {
    case FaultKind::kCrash:
      return parts_.room.PowerOff(fault.a, fault.duration);
    case FaultKind::kProcessEnd:
      return parts_.room.EndProcess(fault.a, fault.duration);
    case FaultKind::kPause:
      machine.paused_until = std::max(machine.paused_until, parts_.agenda.now() + fault.duration);
      if (fault.amount > 0) Deafen(fault.a, true);
      return;
    case FaultKind::kClockDrift:
      machine.clock.SetPace(parts_.agenda.now(), static_cast<int64_t>(fault.amount));
      return;
    case FaultKind::kClockJump:
      if (machine.replica->running() && machine.paused_until <= parts_.agenda.now()) {
        machine.replica->JumpAhead(static_cast<uint32_t>(fault.amount));
        parts_.coverage.Hit(Rare::kClockJumped);
      }
      return;
    default:
      return;
  }
}

void Chaos::End(const Fault& fault) {
  if (ChangesNetwork(fault, /*begins=*/false)) return;
  Machine& machine = parts_.room.at(fault.a);
  switch (fault.kind) {
    case FaultKind::kPause:
      if (fault.amount > 0) Deafen(fault.a, false);
      return;
    case FaultKind::kClockDrift:
      machine.clock.SetPace(parts_.agenda.now(), 1000);
      return;
    case FaultKind::kSlowDisk:
      machine.disk_slower -= static_cast<int64_t>(fault.amount) * kMillisecond;
      return;
    case FaultKind::kDiskFull:
      if (--machine.full == 0) machine.replica->disk().set_capacity_bytes(UINT64_MAX);
      return;
    case FaultKind::kHarmDisk:
      if (machine.disk == Machine::Disk::kHarmed) parts_.room.EndProcess(fault.a, kSecond);
      return;
    default:
      return;
  }
}

bool Chaos::ChangesNetwork(const Fault& fault, bool begins) {
  VirtualNetwork& network = parts_.network;
  const int64_t amount = static_cast<int64_t>(fault.amount) * (begins ? 1 : -1);
  switch (fault.kind) {
    case FaultKind::kPartition:
    case FaultKind::kOneWay:
    case FaultKind::kCutLink:
      CutOff(fault, begins);
      return true;
    case FaultKind::kSlowLink:
      network.SlowDown({.from = fault.a, .to = fault.b}, amount * kMillisecond);
      return true;
    case FaultKind::kDropMessages:
      network.AddDrops(amount);
      return true;
    case FaultKind::kDuplicate:
      network.AddDuplicates(amount);
      return true;
    case FaultKind::kReorder:
      network.AddJitter(amount * kMillisecond);
      return true;
    default:
      return false;
  }
}

void Chaos::ChangeLink(Link link, bool cut) {
  if (cut) {
    parts_.network.Cut(link);
  } else {
    parts_.network.Mend(link);
  }
}

// No replica's messages reach it. What clients send waits until it goes on.
void Chaos::Deafen(uint32_t index, bool deaf) {
  for (uint32_t from = 0; from < parts_.room.size(); ++from) {
    if (from != index) ChangeLink({.from = from, .to = index}, deaf);
  }
}

void Chaos::CutOff(const Fault& fault, bool cut) {
  const auto change = [&](uint32_t from, uint32_t to) {
    ChangeLink({.from = from, .to = to}, cut);
  };
  if (fault.kind == FaultKind::kOneWay) return change(fault.a, fault.b);
  if (fault.kind == FaultKind::kCutLink) {
    change(fault.a, fault.b);
    return change(fault.b, fault.a);
  }
  const uint32_t size = parts_.network.size();
  for (uint32_t from = 0; from < size; ++from) {
    for (uint32_t to = 0; to < size; ++to) {
      if ((fault.amount >> from & 1) != (fault.amount >> to & 1)) change(from, to);
    }
  }
}

bool Chaos::TroublesDisk(const Fault& fault) {
  Machine& machine = parts_.room.at(fault.a);
  MemoryFileSystem& disk = machine.replica->disk();
  switch (fault.kind) {
    case FaultKind::kCrashInWrite:
      machine.down_for = fault.duration;
      disk.DieAt(fault.amount);
      return true;
    case FaultKind::kSlowDisk:
      machine.disk_slower += static_cast<int64_t>(fault.amount) * kMillisecond;
      return true;
    case FaultKind::kFailSync:
      machine.down_for = fault.duration;
      disk.FailSync(fault.amount);
      return true;
    case FaultKind::kFailWrite:
      machine.down_for = fault.duration;
      disk.FailWrite(fault.amount);
      return true;
    case FaultKind::kDiskFull:
      ++machine.full;
      disk.set_capacity_bytes(disk.used_bytes() + std::max(fault.amount, kDiskFullFrom) -
                              kDiskFullFrom);
      return true;
    case FaultKind::kHarmDisk:
      Harm(fault);
      return true;
    case FaultKind::kLoseDisk:
      if (parts_.room.CanDoWithout(fault.a)) parts_.room.LoseDisk(fault.a);
      return true;
    default:
      return false;
  }
}

void Chaos::Harm(const Fault& fault) {
  if (!parts_.room.CanDoWithout(fault.a)) return;
  Machine& machine = parts_.room.at(fault.a);
  const HarmedPlaces places{.log_directory = std::string(kLogDirectory),
                            .snapshot_directory = std::string(kSnapshotDirectory)};
  if (!HarmDisk(machine.replica->disk(), places, fault.amount).has_value()) return;
  machine.disk = Machine::Disk::kHarmed;
  machine.was_harmed = true;
  parts_.coverage.Hit(Rare::kDiskHarmed);
}

bool Chaos::AsksGroup(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kCampaign:
    case FaultKind::kForgetLeader:
      AskReplica(fault);
      return true;
    case FaultKind::kTransferLeader:
      parts_.room.AskLeader(
          {.kind = ReplicaRequest::Kind::kTransfer, .to = ReplicaId{fault.a + 1}});
      return true;
    case FaultKind::kChangeMembers:
      ChangeMembers(fault);
      return true;
    default:
      return false;
  }
}

// Counts what came of it: most who are asked have a leader to keep to, or none to forget.
void Chaos::AskReplica(const Fault& fault) {
  const VirtualReplica& replica = *parts_.room.at(fault.a).replica;
  if (!replica.running()) return;
  const NodeStatus before = replica.node().GetStatus();
  const bool campaign = fault.kind == FaultKind::kCampaign;
  parts_.room.Ask(fault.a, {.kind = campaign ? ReplicaRequest::Kind::kCampaign
                                             : ReplicaRequest::Kind::kForgetLeader});
  if (!replica.running()) return;
  if (replica.node().GetStatus().campaigns > before.campaigns) {
    parts_.coverage.Hit(Rare::kCampaignOrdered);
  }
  if (before.leader != kNoReplica && replica.node().leader() == kNoReplica) {
    if (!campaign) parts_.coverage.Hit(Rare::kLeaderForgotten);
  }
}

// While a disk is in doubt the group needs everybody else.
void Chaos::ChangeMembers(const Fault& fault) {
  const VirtualReplica* leader = parts_.room.Leader();
  if (leader == nullptr || !parts_.room.all_disks_are_sound()) return;
  parts_.room.AskLeader(
      {.kind = ReplicaRequest::Kind::kChangeMembers,
       .change = DrawChange(leader->node().configuration(), leader->node().GetStatus(),
                            {.replicas = parts_.room.size(), .seed = fault.amount})});
}

}  // namespace blixard::raft
