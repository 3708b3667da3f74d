// Reads on their way from gRPC to the state of this replica and back.
#ifndef BLIXARD_RPC_SERVICE_PLACEMENT_READS_H_
#define BLIXARD_RPC_SERVICE_PLACEMENT_READS_H_

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "raft/runtime/read_listener.h"
#include "raft/runtime/work_lane.h"
#include "rpc/proto/placement.pb.h"
#include "scheduler/replicated/placement_state_machine.h"

namespace blixard::rpc {

// Reads that wait for the replica at once; beyond they are refused with RESOURCE_EXHAUSTED.
inline constexpr size_t kMaxWaitingReads = 16'384;

// Thread-safe. Everything it is given outlives it and every call under way; it is destroyed when
// none is. In steady state a GetVm with messages that are used again allocates nothing of ours.
class PlacementReads {
 public:
  // `ask` is Replica::Read: asks for a linearizable read that is answered once.
  PlacementReads(std::function<absl::Status(const raft::ReadRequest&)> ask,
                 const scheduler::PlacementStateMachine& state);

  // Finishes `reactor` exactly once, `response` filled in before: a stale read now, a linearizable
  // one when the replica has confirmed it, or says that it does not. Bad input is refused first.
  // For GetVm, ListVms, ListNodes.
  template <class Request, class Response>
  void Start(const Request& request, grpc::ServerUnaryReactor* reactor, Response* response);

 private:
  // A call that waits for the replica.
  class Waiting : public raft::ReadListener {
   public:
    ~Waiting() override = default;
    virtual void Finish() = 0;  // answers and goes back to its pool
  };
  template <class Request, class Response>
  class Call;

  // `is_short`: answered within microseconds.
  void OnEnd(Waiting* call, bool is_short);

  const std::function<absl::Status(const raft::ReadRequest&)> ask_;
  const scheduler::PlacementStateMachine& state_;
  std::atomic<size_t> waiting_{0};
  std::mutex mutex_;
  std::vector<Waiting*> ended_;  // guarded by mutex_; on its way into lane_
  // Answers what did not come alone: the thread of the replica that tells of a read must not be
  // kept, and the pages of a listing take milliseconds.
  raft::WorkLane<Waiting*> lane_;
};

extern template void PlacementReads::Start(const v1::GetVmRequest&, grpc::ServerUnaryReactor*,
                                           v1::GetVmResponse*);
extern template void PlacementReads::Start(const v1::ListVmsRequest&, grpc::ServerUnaryReactor*,
                                           v1::ListVmsResponse*);
extern template void PlacementReads::Start(const v1::ListNodesRequest&, grpc::ServerUnaryReactor*,
                                           v1::ListNodesResponse*);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_SERVICE_PLACEMENT_READS_H_
