#include "tests/simulation/request_desk.h"

#include <glog/logging.h>

namespace blixard::raft {
namespace {

// What the session says of the request, as its client needs to know it.
void Describe(const SessionOutcome& outcome, ClientAnswer& answer) {
  switch (outcome.status) {
    case SessionStatus::kApplied:
    case SessionStatus::kRepeated:
      answer.kind = ClientAnswer::Kind::kDone;
      answer.repeated = outcome.status == SessionStatus::kRepeated;
      answer.found = DecodeKvOutcome(outcome.outcome);
      return;
    case SessionStatus::kRegistered:
      answer.kind = ClientAnswer::Kind::kDone;
      answer.session = outcome.client;
      return;
    case SessionStatus::kForgotten:
    case SessionStatus::kExpired:
      answer.kind = ClientAnswer::Kind::kUnknown;
      return;
    case SessionStatus::kUnknownSession:
      answer.kind = ClientAnswer::Kind::kNoSession;
      return;
    case SessionStatus::kMalformed:
      LOG(FATAL) << "a client sent no request";
  }
}

}  // namespace

memory::Pooled<RaftProposal> RequestDesk::TakeProposal(const ClientRequest& request) {
  memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
  if (!proposal) return proposal;
  if (free_.empty()) free_.push_back(&tickets_.emplace_back());
  Ticket& ticket = *free_.back();
  free_.pop_back();
  ++open_;
  ticket.desk = this;
  ticket.life = life_;
  ticket.client = request.client;
  ticket.attempt = request.attempt;
  proposal->listener = &ticket;
  if (request.registers) {
    EncodeSessionRequest({}, proposal->request);
  } else {
    EncodeKvCommand(request.command, command_);
    EncodeSessionRequest({.id = request.id, .payload = command_}, proposal->request);
  }
  return proposal;
}

ReadRequest RequestDesk::TakeRead(const ClientRequest& request) {
  if (free_reads_.empty()) {
    free_reads_.push_back(reads_.size());
    reads_.emplace_back();
  }
  const uint64_t token = free_reads_.back();
  free_reads_.pop_back();
  ++open_;
  reads_[token] = {.life = life_,
                   .client = request.client,
                   .attempt = request.attempt,
                   .key = request.command.key,
                   .waits = true};
  return {.listener = this, .token = token};
}

void RequestDesk::OnReadEnd(uint64_t token, ReadEnd end, LogIndex) {
  CHECK(reads_[token].waits) << "a read ends twice";
  const Read read = reads_[token];
  reads_[token].waits = false;
  free_reads_.push_back(token);
  --open_;
  if (read.life != life_) return;
  ClientAnswer answer{.read = true, .client = read.client, .attempt = read.attempt};
  if (end == ReadEnd::kReady) {
    answer.kind = ClientAnswer::Kind::kDone;
    answer.found = state_->value(read.key);
  }
  answers_.Answer(replica_, answer);
}

void RequestDesk::Refuse(const ClientRequest& request) {
  answers_.Answer(replica_, {.client = request.client, .attempt = request.attempt});
}

void RequestDesk::Ticket::OnProposalEnd(const RaftProposal& proposal, ProposalEnd end) {
  ClientAnswer answer{.client = client, .attempt = attempt};
  switch (end) {
    case ProposalEnd::kCommitted: {
      const absl::StatusOr<SessionOutcome> outcome = DecodeSessionOutcome(proposal.outcome);
      CHECK(outcome.ok()) << outcome.status();
      Describe(*outcome, answer);
      break;
    }
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
