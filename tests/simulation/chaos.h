// Carries out the faults of a schedule.
#ifndef BLIXARD_TESTS_SIMULATION_CHAOS_H_
#define BLIXARD_TESTS_SIMULATION_CHAOS_H_

#include <string>

#include "tests/simulation/agenda.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/fault_schedule.h"
#include "tests/simulation/machine_room.h"
#include "tests/simulation/virtual_network.h"

namespace blixard::raft {

class Chaos {
 public:
  struct Parts {
    Agenda& agenda;
    MachineRoom& room;
    VirtualNetwork& network;
    Coverage& coverage;
  };
  explicit Chaos(const Parts& parts) : parts_(parts) {}

  // Whoever calls Begin calls End once the fault's duration is over, if it has one.
  void Begin(const Fault& fault);
  void End(const Fault& fault);

 private:
  bool ChangesNetwork(const Fault& fault, bool begins);
  bool TroublesDisk(const Fault& fault);
  bool AsksGroup(const Fault& fault);
  void AskReplica(const Fault& fault);
  void ChangeLink(Link link, bool cut);
  void Deafen(uint32_t index, bool deaf);
  void CutOff(const Fault& fault, bool cut);
  void Harm(const Fault& fault);
  void ChangeMembers(const Fault& fault);

  const Parts parts_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_CHAOS_H_
