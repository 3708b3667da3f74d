// The client of the placement service: finds the leader, follows it and the cluster's membership,
// and repeats what was not answered under the same request id, so that each call is carried out
// once.
#ifndef BLIXARD_RPC_CLIENT_PLACEMENT_CLIENT_H_
#define BLIXARD_RPC_CLIENT_PLACEMENT_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rpc/proto/cluster.pb.h"
#include "rpc/proto/placement.pb.h"

namespace blixard::rpc {

struct ClientOptions {
  std::vector<std::string> endpoints;  // host:port of some replicas, better all
  uint64_t client_id = 0;              // 0 = random
  absl::Duration attempt_timeout = absl::Seconds(3);
  absl::Duration call_timeout = absl::Seconds(30);  // over all attempts
  absl::Duration retry_pause = absl::Milliseconds(20);
};

struct ClientCounters {
  uint64_t attempts = 0;
  uint64_t retries = 0;    // attempts that were not a call's first
  uint64_t redirects = 0;  // answers that named another leader
};

// Thread-safe. Methods with a callback return at once; the callback runs on a thread of gRPC and
// must not block. Errors are those of placement.proto; what a retry can mend has been retried until
// call_timeout, then kDeadlineExceeded says that the outcome is unknown, or that a read was not
// done.
class PlacementClient {
 public:
  // kInvalidArgument: no endpoint, or one that is not host:port. Does not wait for a connection.
  static absl::StatusOr<std::unique_ptr<PlacementClient>> Create(const ClientOptions& options);
  ~PlacementClient();  // waits for the calls under way

  template <class Response>
  using Callback = std::function<void(const absl::StatusOr<Response>&)>;

  // Changes; the request ids are filled in here.
  void RegisterNode(v1::RegisterNodeRequest request, Callback<v1::RegisterNodeResponse> done);
  void RemoveNode(v1::RemoveNodeRequest request, Callback<v1::RemoveNodeResponse> done);
  void CreateVm(v1::CreateVmRequest request, Callback<v1::CreateVmResponse> done);
  void DeleteVm(v1::DeleteVmRequest request, Callback<v1::DeleteVmResponse> done);

  // The same, waiting for the answer. Not from a callback.
  absl::StatusOr<v1::RegisterNodeResponse> RegisterNode(v1::RegisterNodeRequest request);
  absl::StatusOr<v1::RemoveNodeResponse> RemoveNode(v1::RemoveNodeRequest request);
  absl::StatusOr<v1::CreateVmResponse> CreateVm(v1::CreateVmRequest request);
  absl::StatusOr<v1::DeleteVmResponse> DeleteVm(v1::DeleteVmRequest request);

  // Reads, of what is newest unless the request asks for CONSISTENCY_STALE. Asked of the replica
  // that was last taken for the leader; any other that answers will do.
  void GetVm(v1::GetVmRequest request, Callback<v1::GetVmResponse> done);
  void ListVms(v1::ListVmsRequest request, Callback<v1::ListVmsResponse> done);
  void ListNodes(v1::ListNodesRequest request, Callback<v1::ListNodesResponse> done);
  absl::StatusOr<v1::GetVmResponse> GetVm(v1::GetVmRequest request);
  absl::StatusOr<v1::ListVmsResponse> ListVms(v1::ListVmsRequest request);
  absl::StatusOr<v1::ListNodesResponse> ListNodes(v1::ListNodesRequest request);

  ClientCounters counters() const;

 private:
  class Impl;
  explicit PlacementClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLIENT_PLACEMENT_CLIENT_H_
