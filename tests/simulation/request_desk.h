// Where clients' requests enter a simulated replica and their answers come out.
#ifndef BLIXARD_TESTS_SIMULATION_REQUEST_DESK_H_
#define BLIXARD_TESTS_SIMULATION_REQUEST_DESK_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "memory_optimization/object_pool.h"
#include "raft/core/types.h"
#include "raft/runtime/raft_proposal.h"
#include "raft/runtime/read_listener.h"
#include "raft/runtime/session_request.h"
#include "tests/simulation/kv_state_machine.h"

namespace blixard::raft {

struct ClientRequest {
  uint32_t client = 0;
  uint32_t attempt = 0;    // tells answers to one try from those to another
  bool registers = false;  // asks for a session and nothing more
  RequestId id = {};       // unless it registers, and for writes only
  KvCommand command = {};
};

struct ClientAnswer {
  enum class Kind : uint8_t {
    kDone,
    kRefused,    // never entered the log
    kUnknown,    // entered the log; may or may not be carried out
    kNoSession,  // not carried out by this: the session is not known any more
  };
  Kind kind = Kind::kRefused;
  bool read = false;      // answers a read
  bool repeated = false;  // the session knew the request already
  uint32_t client = 0;
  uint32_t attempt = 0;
  uint64_t found = 0;             // what stood there
  ClientId session = {};          // of a registration
  ReplicaId leader = kNoReplica;  // as far as the replica knows
};

class AnswerTaker {
 public:
  virtual ~AnswerTaker() = default;
  virtual void Answer(ReplicaId replica, const ClientAnswer& answer) = 0;
};

// Answers reads from the state machine in front of it.
class RequestDesk final : public ReadListener {
 public:
  RequestDesk(ReplicaId replica, AnswerTaker& answers) : replica_(replica), answers_(answers) {}

  // Where reads look, for one life.
  void Open(const KvStateMachine& state) { state_ = &state; }

  // The request as a proposal whose end is answered; empty when the pool is.
  memory::Pooled<RaftProposal> TakeProposal(const ClientRequest& request);
  ReadRequest TakeRead(const ClientRequest& request);
  void Refuse(const ClientRequest& request);
  void OnReadEnd(uint64_t token, ReadEnd end, LogIndex index) override;

  // The process is gone: nobody that waits is ever answered by it.
  void Close() { ++life_; }
  // Proposals and reads that have not ended.
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

  struct Read {
    uint32_t life = 0;
    uint32_t client = 0;
    uint32_t attempt = 0;
    uint8_t key = 0;
    bool waits = false;
  };

  const ReplicaId replica_;
  AnswerTaker& answers_;
  const KvStateMachine* state_ = nullptr;
  std::vector<Read> reads_;  // by token
  std::vector<uint64_t> free_reads_;
  std::string command_;  // reused
  std::deque<Ticket> tickets_;
  std::vector<Ticket*> free_;
  uint32_t life_ = 0;
  size_t open_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_REQUEST_DESK_H_
