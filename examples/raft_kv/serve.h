// One replica as a process: the map, its peers over the network, its clients over gRPC.
#ifndef BLIXARD_EXAMPLES_RAFT_KV_SERVE_H_
#define BLIXARD_EXAMPLES_RAFT_KV_SERVE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "raft/core/types.h"
#include "raft/runtime/replica_config.h"

namespace blixard::example {

enum class PeerNetwork { kGrpc, kTcp };

struct ServeOptions {
  raft::ReplicaId id = raft::kNoReplica;
  std::map<raft::ReplicaId, std::string> peers;  // host:port of every replica, this one included
  std::string clients;                           // host:port where clients ask
  std::string directory;                         // of this replica alone; its parent exists
  PeerNetwork network = PeerNetwork::kGrpc;
  // As in raft::ReplicaConfig.
  uint64_t snapshot_entries = raft::ReplicaConfig().snapshot_entries;
  uint64_t max_retained_bytes = raft::ReplicaConfig().max_retained_bytes;
};

// Returns after SIGTERM or SIGINT, with the leadership handed over. Errors: what is wrong with the
// options, the directory or what it holds; kUnavailable when an address cannot be listened on. Call
// it before the process has other threads.
absl::Status Serve(const ServeOptions& options);

}  // namespace blixard::example

#endif  // BLIXARD_EXAMPLES_RAFT_KV_SERVE_H_
