// Client sessions in front of any state machine that takes its requests as PassThroughPlanner
// writes them: what a client repeats is answered and not applied again.
#ifndef BLIXARD_RAFT_RUNTIME_SESSION_STATE_MACHINE_H_
#define BLIXARD_RAFT_RUNTIME_SESSION_STATE_MACHINE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/session_request.h"
#include "raft/runtime/session_table.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

// Every request is a SessionRequest, every outcome a SessionOutcome (session_request.h). `inner` is
// called once per entry that holds anything new, with the payloads of those requests alone, and
// knows nothing of clients. Used like any state machine: by one thread at a time. Allocates nothing
// once its buffers have reached the size of the largest entry.
class SessionStateMachine : public StateMachine {
 public:
  // `inner` must outlive this. CHECKs CheckSessionTableOptions.
  SessionStateMachine(StateMachine& inner, const SessionTableOptions& options);

  // An entry that is not what PassThroughPlanner writes ends where it stops making sense: what
  // every replica skips in the same way harms no one.
  void Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) override;

  // Encodes the table at once (at its bounds a few milliseconds), then freezes what is behind it.
  std::unique_ptr<StateView> Freeze() override;

  // The table's errors (SessionTable::Decode) or those of the state machine behind it.
  absl::Status Restore(SnapshotSource& source) override;

  const SessionTable& sessions() const { return sessions_; }

 private:
  class NewOutcomes;

  // A request of the entry being applied that has no answer yet.
  struct Waiting {
    RequestId id;
    size_t position = 0;  // in the entry
    bool answered = false;
  };

  void Admit(absl::string_view request, size_t position, LogIndex at, OutcomeSink& outcomes);
  void AdmitRequest(const SessionRequest& request, size_t position, LogIndex at,
                    OutcomeSink& outcomes);
  void AnswerNew(Waiting& request, absl::string_view outcome, OutcomeSink& outcomes);
  void AnswerRepeated(const Waiting& request, OutcomeSink& outcomes);
  void Answer(size_t position, const SessionOutcome& outcome, OutcomeSink& outcomes);

  StateMachine& inner_;
  SessionTable sessions_;

  // Of the entry being applied; kept for their capacity.
  std::vector<Waiting> new_;  // in the order in which `inner_` sees them
  std::vector<Waiting> repeated_;
  std::string new_payload_;
  std::string answer_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_SESSION_STATE_MACHINE_H_
