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
  // host:port of every replica, this one included. Those that the log gives an address are found
  // there instead (rpc/transport/peer_addresses.h).
  std::map<raft::ReplicaId, std::string> peers = {};
  bool join = false;  // `peers` did not begin the cluster with this one: it was, or is
                      // to be, added to them (blixardctl cluster add)
  std::string data_directory = {};  // of this replica alone; made if missing
  bool reuse_port = false;          // see ReservedPort

  absl::Duration tick = absl::Milliseconds(50);
  uint32_t heartbeat_ticks = 1;
  uint32_t election_ticks = 10;
  uint32_t lease_clock_error_ticks = 0;             // 0 = no lease; see raft::LeaseConfig
  uint64_t max_inflight_bytes = uint64_t{8} << 20;  // of the log, to one follower

  uint64_t snapshot_entries = 1'000'000;             // a snapshot after so many entries...
  uint64_t snapshot_log_bytes = uint64_t{64} << 20;  // ...or bytes of the log
  uint64_t retained_log_bytes = uint64_t{16} << 20;  // kept in memory for slow followers
  uint64_t snapshot_bytes_per_s = uint64_t{80} << 20;
  uint64_t disk_reserve_bytes = uint64_t{64} << 20;  // with less room changes are refused

  // How long Stop waits for another replica to lead, when this one does. 0 = not at all.
  absl::Duration hand_over_limit = absl::ZeroDuration();

  // kInvalidArgument naming the setting as a person writes it (serve_flags.h), what is wanted and
  // what was given.
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

  // Hands the leadership over (hand_over_limit), answers the calls under way, those it cannot carry
  // out any more with UNAVAILABLE, then closes every connection.
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
