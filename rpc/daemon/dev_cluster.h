// A cluster on the loopback interface: replicas in this process, or in one process each.
#ifndef BLIXARD_RPC_DAEMON_DEV_CLUSTER_H_
#define BLIXARD_RPC_DAEMON_DEV_CLUSTER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rpc/daemon/child_process.h"
#include "rpc/daemon/replica_server.h"
#include "rpc/daemon/reserved_port.h"

namespace blixard::rpc {

struct DevClusterOptions {
  size_t replicas = 3;
  std::string data_directory;  // replica-1, replica-2, ... are made in it
  // Path of blixardd: each replica becomes a process of it. Empty: all run in this process.
  std::string program = {};
};

// Ports are free ones, picked anew each time. Not thread-safe. Destroying it stops every replica.
class DevCluster {
 public:
  struct Member {
    uint64_t id = 0;
    std::string address;
    std::string data_directory;
    pid_t pid = 0;
  };

  // `on_failure` as for ReplicaServer; replicas in processes of their own log their failures.
  static absl::StatusOr<std::unique_ptr<DevCluster>> Start(
      const DevClusterOptions& options, std::function<void(const absl::Status&)> on_failure);
  ~DevCluster();

  std::vector<Member> members() const;

  // For replicas that are processes: what a test of crashes needs. `id` counts from 1.
  void Signal(uint64_t id, int signal);
  absl::Status Restart(uint64_t id);  // after it has ended
  // Starts one more, which waits to be added to the cluster; returns its id, one above the last.
  absl::StatusOr<uint64_t> Join();

  // Ends all replicas in the orderly way.
  void Stop();

 private:
  struct Replica {
    ReplicaServerOptions options;
    std::optional<ReservedPort> port;
    std::unique_ptr<ReplicaServer> server;  // in this process
    std::optional<ChildProcess> process;    // or in one of its own
  };

  DevCluster() = default;
  absl::StatusOr<Replica*> AddReplica();
  absl::Status StartReplica(Replica& replica);
  absl::Status StartProcess(Replica& replica);

  std::string program_;
  std::string data_directory_;
  std::function<void(const absl::Status&)> on_failure_;
  std::deque<Replica> replicas_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_DEV_CLUSTER_H_
