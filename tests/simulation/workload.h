// The clients of a simulated world: each has one operation going at a time, repeats a request under
// the same number until it is answered or patience ends, and writes down what happened.
#ifndef BLIXARD_TESTS_SIMULATION_WORKLOAD_H_
#define BLIXARD_TESTS_SIMULATION_WORKLOAD_H_

#include <array>
#include <cstdint>

#include "raft/core/split_mix.h"
#include "raft/core/types.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/history.h"
#include "tests/simulation/kv_state_machine.h"
#include "tests/simulation/request_desk.h"
#include "tests/simulation/safety_checks.h"

namespace blixard::raft {

class Workload {
 public:
  Workload(uint64_t seed, uint32_t replicas, SafetyChecks& checks, Coverage& coverage);

  // What a client does next, and how long that takes to come about.
  struct Action {
    enum class Kind : uint8_t { kNothing, kSend, kBegin };
    Kind kind = Kind::kNothing;
    VirtualTime delay = 0;
    ReplicaId to = kNoReplica;  // kSend
    ClientRequest request;      // kSend
  };

  // The client begins an operation, unless it has one or the workload is at its end.
  Action Begin(uint32_t client, VirtualTime now);
  // An answer came. What belongs to an earlier try changes nothing.
  Action OnAnswer(const ClientAnswer& answer, VirtualTime now);
  // The network will deliver the last try twice: that one copy was refused tells nothing of the
  // other.
  void OnDoubled(uint32_t client);
  // No answer came to that try.
  Action OnTimeout(uint32_t client, uint32_t attempt, VirtualTime now);

  VirtualTime DrawPause();
  static constexpr VirtualTime kAnswerTimeout = 2 * kSecond;

  // No operation begins any more; those under way go on.
  void Finish() { finished_ = true; }
  bool idle() const;
  // Operations that every client completed for sure.
  uint32_t least_completed() const;

  // Closes what is under way as unknown, and returns everything that happened.
  const History& TakeHistory();

 private:
  struct Client {
    Operation operation;
    KvCommand command;
    ClientId session = {};             // 0: has none
    RequestSequence session_sequence;  // of the last request in it
    uint32_t attempt = 0;              // over all operations
    uint32_t tries = 0;                // of this one
    bool busy = false;
    bool may_have_entered = false;  // some try is not known to have been refused
    uint64_t last_seen[kSimulatedKeys] = {};
    uint32_t completed = 0;
    ReplicaId target = kNoReplica;
  };

  Action Try(uint32_t client);
  Action Again(uint32_t client, VirtualTime now);
  Action GiveUp(uint32_t client, VirtualTime now);
  Action Complete(const ClientAnswer& answer, VirtualTime now);
  void End(uint32_t client, OperationStatus status, VirtualTime now);

  SplitMix random_;
  const uint32_t replicas_;
  SafetyChecks& checks_;
  Coverage& coverage_;
  VirtualTime mean_pause_;
  std::array<Client, kSimulatedClients> clients_;
  History history_;
  bool finished_ = false;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_WORKLOAD_H_
