// The replicas a client knows, and which of them it takes for the leader.
#ifndef BLIXARD_RPC_CLIENT_ENDPOINTS_H_
#define BLIXARD_RPC_CLIENT_ENDPOINTS_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rpc/proto/placement.grpc.pb.h"

namespace blixard::rpc {

// Thread-safe. Endpoints are only added, so pointers to them stay valid.
class Endpoints {
 public:
  struct Endpoint {
    std::string address;
    std::unique_ptr<v1::Placement::Stub> stub;
  };

  // At least one address.
  explicit Endpoints(const std::vector<std::string>& addresses);

  // Where the next attempt goes.
  const Endpoint* Leader();

  // `asked` said that `address` leads; unknown addresses are added. The bound keeps a confused
  // cluster from growing the list for ever: beyond, the hint counts as "not known".
  void FollowHint(const Endpoint* asked, const std::string& address);
  // `asked` did not answer, or knew of no leader: try the next one, unless another call already
  // has.
  void TryNext(const Endpoint* asked);

 private:
  static constexpr size_t kMaxEndpoints = 64;

  size_t FindOrAdd(const std::string& address);  // mutex_ held; list_.size() = no room

  std::mutex mutex_;
  std::deque<Endpoint> list_;  // guarded by mutex_
  size_t leader_ = 0;          // guarded by mutex_
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLIENT_ENDPOINTS_H_
