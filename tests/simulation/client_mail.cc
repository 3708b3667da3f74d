#include "tests/simulation/client_mail.h"

namespace blixard::raft {

size_t ClientMail::Send(const ClientRequest& request, ReplicaId to, VirtualTime delay) {
  const auto replica = static_cast<uint32_t>(to) - 1;
  const Deliveries deliveries = network_.Route({.from = PlaceOf(request.client), .to = replica});
  if (deliveries.count == 0) coverage_.Hit(Rare::kRequestLost);
  if (deliveries.count == 2) coverage_.Hit(Rare::kRequestDoubled);
  for (size_t i = 0; i < deliveries.count; ++i) {
    agenda_.After(delay + deliveries.delays[i], EventKind::kRequestArrives, replica,
                  requests_.Put(request));
  }
  return deliveries.count;
}

void ClientMail::Send(const ClientAnswer& answer, ReplicaId from) {
  const Deliveries deliveries =
      network_.Route({.from = static_cast<uint32_t>(from) - 1, .to = PlaceOf(answer.client)});
  if (deliveries.count == 0) coverage_.Hit(Rare::kAnswerLost);
  if (deliveries.count == 2) coverage_.Hit(Rare::kAnswerDoubled);
  for (size_t i = 0; i < deliveries.count; ++i) {
    agenda_.After(deliveries.delays[i], EventKind::kAnswerArrives, 0, answers_.Put(answer));
  }
}

ClientRequest ClientMail::TakeRequest(uint64_t slot) {
  const ClientRequest request = requests_.At(slot);
  requests_.Free(slot);
  return request;
}

ClientAnswer ClientMail::TakeAnswer(uint64_t slot) {
  const ClientAnswer answer = answers_.At(slot);
  answers_.Free(slot);
  return answer;
}

}  // namespace blixard::raft
