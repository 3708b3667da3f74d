// Three replicas, each a process of its own, on loopback.
#ifndef BLIXARD_BENCH_RAFT_PROCESS_GROUP_H_
#define BLIXARD_BENCH_RAFT_PROCESS_GROUP_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/raft/load_command.h"
#include "bench/raft/load_figures.h"
#include "bench/raft/measured_process.h"

namespace blixard::bench {

// Not thread-safe.
class ProcessGroup {
 public:
  static constexpr int kReplicas = 3;

  // Runs `program`, path and first arguments, with the further arguments ID DIRECTORY ADDRESS...,
  // each below `directory`.
  ProcessGroup(const std::vector<std::string>& program, const std::string& directory);

  // Puts the load on whichever process leads; waits for an election if need be. Nothing when a
  // process has ended, or none came to lead for a long time.
  std::optional<LoadResult> Load(const LoadCommand& command);

  double LargestResidentMiB() const;

 private:
  std::vector<std::unique_ptr<MeasuredProcess>> processes_;
};

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RAFT_PROCESS_GROUP_H_
