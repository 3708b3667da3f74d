// A state machine behind sessions, for tests: remembers every request it ever applied.
#ifndef BLIXARD_TESTS_RAFT_RUNTIME_SESSION_JOURNAL_H_
#define BLIXARD_TESTS_RAFT_RUNTIME_SESSION_JOURNAL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"

namespace blixard::raft {

// The outcome of the nth request x is "n:x"; of one that begins with '-', none at all.
class SessionJournal : public StateMachine {
 public:
  void Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) override;
  std::unique_ptr<StateView> Freeze() override;
  absl::Status Restore(SnapshotSource& source) override;

  const std::vector<std::string>& requests() const { return requests_; }
  size_t entries() const { return entries_; }  // Apply calls of this object

 private:
  std::vector<std::string> requests_;
  size_t entries_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_RUNTIME_SESSION_JOURNAL_H_
