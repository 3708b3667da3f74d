// Runs the commands of a protocol script against a ReplicaGroup; testdata/README.md has the
// commands.
#ifndef BLIXARD_TESTS_RAFT_CORE_PROTOCOL_SCRIPT_H_
#define BLIXARD_TESTS_RAFT_CORE_PROTOCOL_SCRIPT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "tests/raft/core/invariants.h"
#include "tests/raft/core/replica_group.h"

namespace blixard::raft {

class ProtocolScript {
 public:
  // Carries out one line and returns the protocol steps it caused. Every replica works off what it
  // is given at once, unless held. A line that cannot be understood stops the test (CHECK).
  std::vector<std::string> Run(absl::string_view line);

 private:
  class Arguments;

  void MakeGroup(const Arguments& arguments);
  void RunOnGroup(absl::string_view command, const Arguments& arguments);
  void RunOnNetwork(absl::string_view command, const Arguments& arguments);
  void RunOnReplica(absl::string_view command, const Arguments& arguments);
  void Tick(const Arguments& arguments);
  void Propose(const Arguments& arguments);
  void Crash(const Arguments& arguments);
  void Read(const Arguments& arguments);
  void Change(const Arguments& arguments);
  void Snapshot(const Arguments& arguments);
  void Say(const absl::Status& status);
  void ForMatching(const Arguments& arguments, bool deliver);

  std::unique_ptr<ReplicaGroup> group_;
  std::unique_ptr<Invariants> invariants_;
  bool quiet_ = false;
  std::vector<std::string> steps_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_PROTOCOL_SCRIPT_H_
