// Questions to one replica about itself and what it has applied.
#ifndef BLIXARD_RPC_CLIENT_REPLICA_CLIENT_H_
#define BLIXARD_RPC_CLIENT_REPLICA_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rpc/proto/cluster.pb.h"
#include "rpc/proto/placement.pb.h"

namespace blixard::rpc {

// Thread-safe; every method waits for its answer, `timeout` at most for each page.
class ReplicaClient {
 public:
  ReplicaClient(const std::string& address, absl::Duration timeout);
  ~ReplicaClient();

  const std::string& address() const { return address_; }

  absl::StatusOr<v1::ReplicaStatus> GetStatus();
  // The same, but an address where nobody listens is not waited for.
  absl::StatusOr<v1::ReplicaStatus> GetStatusNow();
  // Calls `visit` for every VM or node that this replica has, page by page: CONSISTENCY_STALE. For
  // what is newest ask a PlacementClient.
  absl::Status ListVms(const std::function<void(const v1::Vm&)>& visit);
  absl::Status ListNodes(const std::function<void(const v1::Node&)>& visit);

 private:
  struct Stubs;
  const std::string address_;
  const absl::Duration timeout_;
  const std::unique_ptr<Stubs> stubs_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLIENT_REPLICA_CLIENT_H_
