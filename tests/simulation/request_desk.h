// Where clients' requests enter a simulated replica and their answers come out.
#ifndef BLIXARD_TESTS_SIMULATION_REQUEST_DESK_H_
#define BLIXARD_TESTS_SIMULATION_REQUEST_DESK_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "memory_optimization/object_pool.h"
#include "raft/core/types.h"
#include "raft/runtime/raft_proposal.h"
#include "tests/simulation/kv_state_machine.h"

namespace blixard::raft {

struct ClientRequest {
  uint32_t attempt = 0;  // tells answers to one try from those to another
  KvCommand command;
};

struct ClientAnswer {
  enum class Kind : uint8_t {
    kDone,
    kRefused,  // never entered the log
    kUnknown,  // entered the log; may or may not be carried out
  };
  Kind kind = Kind::kRefused;
  uint32_t client = 0;
  uint32_t attempt = 0;
  KvOutcome outcome;
};

class AnswerTaker {
 public:
  virtual ~AnswerTaker() = default;
  virtual void Answer(ReplicaId replica, const ClientAnswer& answer) = 0;
};

class RequestDesk {
 public:
  RequestDesk(ReplicaId replica, AnswerTaker& answers) : replica_(replica), answers_(answers) {}

  // The request as a proposal whose end is answered; empty when the pool is.
  memory::Pooled<RaftProposal> Take(const ClientRequest& request);

  // The process is gone: nobody that waits is ever answered by it.
  void Close() { ++life_; }
  // Proposals that have not ended.
  size_t open() const { return open_; }

 private:
  // Stays where it is while its proposal lives.
  struct Ticket final : ProposalListener {
    RequestDesk* desk = nullptr;
    uint32_t life = 0;
    uint32_t client = 0;
    uint32_t attempt = 0;
    void OnProposalEnd(const RaftProposal& proposal, ProposalEnd end) override;
  };

  const ReplicaId replica_;
  AnswerTaker& answers_;
  std::deque<Ticket> tickets_;
  std::vector<Ticket*> free_;
  uint32_t life_ = 0;
  size_t open_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_REQUEST_DESK_H_
