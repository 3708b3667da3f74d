// Decide, then propose: turns the requests that wait on a leader into the payload of one entry.
#ifndef BLIXARD_RAFT_RUNTIME_PLANNER_H_
#define BLIXARD_RAFT_RUNTIME_PLANNER_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Called by one thread at a time: the replica's own, or one that carries out a round in its place
// (Replica::CarryOut), such as a transport's. A thread that stands still here holds up the replica.
// Meanwhile the apply thread may be in StateMachine::Apply.
class Planner {
 public:
  virtual ~Planner() = default;

  // This replica leads `term` and its own empty entry has been applied, so the applied state holds
  // everything that earlier leaders committed, and nothing of this term is in flight.
  virtual void BeginTerm(Term term) = 0;

  // Leadership of the term is over, or the replica stops: forget every decision that was not
  // applied. Follows each BeginTerm.
  virtual void EndTerm() = 0;

  // Decides a prefix of `requests` and writes them as the payload of the entry that will stand at
  // `index`. Returns how many it took, at least 1 and no more than fit into `payload.capacity()`;
  // request i becomes position i of the batch. The entry is then appended without fail.
  // Only between BeginTerm and EndTerm. `requests` is not empty, and every request fits alone
  // (ReplicaConfig::max_request_bytes).
  virtual size_t Plan(LogIndex index, absl::Span<const absl::string_view> requests,
                      memory::Buffer& payload) = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_PLANNER_H_
