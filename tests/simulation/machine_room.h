// The machines of a simulated world: how each is, apart from the replica on it, and what switches
// it off and on.
#ifndef BLIXARD_TESTS_SIMULATION_MACHINE_ROOM_H_
#define BLIXARD_TESTS_SIMULATION_MACHINE_ROOM_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "raft/core/split_mix.h"
#include "raft/runtime/replica_request.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/local_clock.h"
#include "tests/simulation/safety_checks.h"
#include "tests/simulation/virtual_replica.h"

namespace blixard::raft {

struct Machine {
  enum class Disk : uint8_t {
    kSound,
    kHarmed,  // bytes on it are wrong, and the next start has not looked at them yet
    kLost,    // empty; the group has yet to remove the replica
  };

  std::unique_ptr<VirtualReplica> replica;
  VirtualTime paused_until = 0;
  LocalClock clock;
  VirtualTime disk_slower = 0;
  VirtualTime down_for = kSecond;  // when the process stops by itself
  uint32_t full = 0;               // faults that fill the disk
  bool restarts = false;           // a restart is on its way
  uint64_t disk_failures = 0;      // that its process has ended for
  uint64_t failed_writes = 0;      // among them
  Disk disk = Disk::kSound;
  bool was_harmed = false;  // since a start read it through: it may be refused
  bool rejoins = false;     // a new disk, and no voter yet

  // What failed since this was asked last.
  enum class DiskFailure : uint8_t { kNone, kWrite, kSync };
  DiskFailure TakeDiskFailure();
};

class MachineRoom {
 public:
  struct Parts {
    Agenda& agenda;
    SplitMix& random;
    SafetyChecks& checks;
    Coverage& coverage;
  };
  explicit MachineRoom(const Parts& parts) : parts_(parts) {}

  void Add(std::unique_ptr<VirtualReplica> replica, LocalClock clock);
  Machine& at(uint32_t index) { return machines_[index]; }
  Machine& of(ReplicaId id) { return machines_[static_cast<uint32_t>(id) - 1]; }
  const std::vector<Machine>& machines() const { return machines_; }
  uint32_t size() const { return static_cast<uint32_t>(machines_.size()); }

  // Starts what is down. A lost disk is started `blank` only, and only while somebody leads: that
  // leader finds out what is missing, another one could not (docs/raft.md).
  void Restart(uint32_t index, bool blank);
  void PowerOff(uint32_t index, VirtualTime down_for);
  void EndProcess(uint32_t index, VirtualTime down_for);
  // It is woken when its next tick is due.
  void ScheduleTick(uint32_t index);
  // To be called after whatever touches the disk.
  void NoticeFailure(uint32_t index);

  // The disk is gone with all that was on it.
  void LoseDisk(uint32_t index);
  // Everything of the group is up and agrees on who belongs to it, no change of that is under way,
  // no other disk is in doubt, and the others can do without this one.
  bool CanDoWithout(uint32_t index) const;
  bool all_disks_are_sound() const;
  // Every lost replica is a voter again.
  bool operator_is_done() const;

  // Whoever leads in the highest term, as far as anybody could find out.
  const VirtualReplica* Leader() const;
  void Ask(uint32_t index, ReplicaRequest request);
  void AskLeader(ReplicaRequest request);

  // Every machine is as good as new; what is down comes up.
  void Repair();
  // All processes end.
  void EndAll();

 private:
  void ScheduleRestart(uint32_t index, VirtualTime down_for);
  void EndForDiskFailure(uint32_t index);
  void NoticeBadStart(uint32_t index, const absl::Status& refusal);

  const Parts parts_;
  std::vector<Machine> machines_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_MACHINE_ROOM_H_
