// What replicas of a simulated world have sent each other and is on its way.
#ifndef BLIXARD_TESTS_SIMULATION_MAIL_H_
#define BLIXARD_TESTS_SIMULATION_MAIL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/message.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/slots.h"
#include "tests/simulation/virtual_network.h"

namespace blixard::raft {

// Nothing, one or two events of kDeliver or kFrameArrives come of everything that is sent.
class Mail {
 public:
  // `network` begins with as many replicas, and outlives this like the others.
  Mail(uint32_t replicas, VirtualNetwork& network, Agenda& agenda, Coverage& coverage)
      : replicas_(replicas),
        network_(network),
        agenda_(agenda),
        coverage_(coverage),
        passed_(size_t{replicas} * replicas) {}

  void Send(const Message& message);
  void SendFrame(Link link, absl::string_view frame);

  // Empties the slot.
  memory::Pooled<Message> TakeMessage(uint64_t slot);
  std::string TakeFrame(uint64_t slot);

  static std::string Described(const Message& message);

 private:
  // To count what overtakes, and what passes again where nothing passed.
  struct Passed {
    VirtualTime last_arrival = 0;
    bool cut = false;
  };

  Deliveries Route(Link link);
  Passed& PassedOn(Link link) { return passed_[size_t{link.from} * replicas_ + link.to]; }

  const uint32_t replicas_;
  VirtualNetwork& network_;
  Agenda& agenda_;
  Coverage& coverage_;
  Slots<memory::Pooled<Message>> messages_;
  Slots<std::string> frames_;
  std::vector<Passed> passed_;  // by link
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_MAIL_H_
