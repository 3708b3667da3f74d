#include "tests/simulation/request_desk.h"

namespace blixard::raft {

memory::Pooled<RaftProposal> RequestDesk::Take(const ClientRequest& request) {
  memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
  if (!proposal) return proposal;
  if (free_.empty()) free_.push_back(&tickets_.emplace_back());
  Ticket& ticket = *free_.back();
  free_.pop_back();
  ++open_;
  ticket.desk = this;
  ticket.life = life_;
  ticket.client = request.command.client;
  ticket.attempt = request.attempt;
  proposal->listener = &ticket;
  EncodeKvCommand(request.command, proposal->request);
  return proposal;
}

void RequestDesk::Ticket::OnProposalEnd(const RaftProposal& proposal, ProposalEnd end) {
  ClientAnswer answer{.client = client, .attempt = attempt, .outcome = {}};
  switch (end) {
    case ProposalEnd::kCommitted:
      answer.outcome = DecodeKvOutcome(proposal.outcome);
      answer.kind =
          answer.outcome.carried ? ClientAnswer::Kind::kDone : ClientAnswer::Kind::kUnknown;
      break;
    case ProposalEnd::kRefused:
      answer.kind = ClientAnswer::Kind::kRefused;
      break;
    case ProposalEnd::kUnknown:
      answer.kind = ClientAnswer::Kind::kUnknown;
      break;
  }
  if (life == desk->life_) desk->answers_.Answer(desk->replica_, answer);
  --desk->open_;
  desk->free_.push_back(this);
}

}  // namespace blixard::raft
