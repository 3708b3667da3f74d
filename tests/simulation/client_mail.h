// What clients of a simulated world and its replicas have sent each other and is on its way.
#ifndef BLIXARD_TESTS_SIMULATION_CLIENT_MAIL_H_
#define BLIXARD_TESTS_SIMULATION_CLIENT_MAIL_H_

#include <cstdint>

#include "raft/core/types.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/request_desk.h"
#include "tests/simulation/slots.h"
#include "tests/simulation/virtual_network.h"

namespace blixard::raft {

// Clients are on the network behind the replicas, and fare no better: nothing, one or two events of
// kRequestArrives or kAnswerArrives come of everything that is sent.
class ClientMail {
 public:
  // `network` has `replicas` and then the clients, and outlives this like the others.
  ClientMail(uint32_t replicas, VirtualNetwork& network, Agenda& agenda, Coverage& coverage)
      : replicas_(replicas), network_(network), agenda_(agenda), coverage_(coverage) {}

  // After `delay`. Returns how often it will arrive.
  size_t Send(const ClientRequest& request, ReplicaId to, VirtualTime delay);
  void Send(const ClientAnswer& answer, ReplicaId from);

  // Empties the slot.
  ClientRequest TakeRequest(uint64_t slot);
  ClientAnswer TakeAnswer(uint64_t slot);

 private:
  uint32_t PlaceOf(uint32_t client) const { return replicas_ + client; }

  const uint32_t replicas_;
  VirtualNetwork& network_;
  Agenda& agenda_;
  Coverage& coverage_;
  Slots<ClientRequest> requests_;
  Slots<ClientAnswer> answers_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_CLIENT_MAIL_H_
