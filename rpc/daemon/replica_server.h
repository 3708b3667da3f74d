// One replica with everything around it: log on disk, state machine, planner, peers, gRPC server.
#ifndef BLIXARD_RPC_DAEMON_REPLICA_SERVER_H_
#define BLIXARD_RPC_DAEMON_REPLICA_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "raft/core/types.h"

namespace blixard::rpc {

struct ReplicaServerOptions {
  raft::ClusterId cluster{1};
  raft::ReplicaId id = raft::kNoReplica;
  std::string listen = {};  // host:port of the gRPC server
  std::map<raft::ReplicaId, std::string> peers =
      {};                           // host:port of every replica, this one included
  std::string data_directory = {};  // of this replica alone; made if missing
  bool reuse_port = false;          // see ReservedPort
  absl::Duration tick = absl::Milliseconds(50);
  uint32_t election_ticks = 10;

  // kInvalidArgument naming the field, what is wanted and what was given.
  absl::Status Validate() const;
};

class ReplicaServer {
 public:
  // Recovers the log, joins its peers and serves. `on_failure` is called once, from another thread,
  // if the replica has to stop by itself: its disk failed. Errors: those of Validate, of Wal::Open,
  // and kUnavailable when it cannot listen.
  static absl::StatusOr<std::unique_ptr<ReplicaServer>> Start(
      const ReplicaServerOptions& options, std::function<void(const absl::Status&)> on_failure);
  ~ReplicaServer();  // stops

  // Answers the calls under way, then closes every connection.
  void Stop();

  // Whether some replica leads, as far as this one knows.
  bool HasLeader() const;

 private:
  struct Parts;
  explicit ReplicaServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_REPLICA_SERVER_H_
