// The replicas a client knows, and which of them it takes for the leader.
#ifndef BLIXARD_RPC_CLIENT_ENDPOINTS_H_
#define BLIXARD_RPC_CLIENT_ENDPOINTS_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rpc/proto/membership.grpc.pb.h"
#include "rpc/proto/placement.grpc.pb.h"

namespace blixard::rpc {

// Thread-safe. Endpoints are only added, so pointers to them stay valid.
class Endpoints {
 public:
  struct Endpoint {
    std::string address;
    std::unique_ptr<v1::Placement::Stub> stub;
    std::unique_ptr<v1::Membership::Stub> membership;
    // Whether it is worth a try: one that the caller named, or a member as of the last list.
    bool is_given = false;
    bool is_member = false;
  };

  // At least one address.
  explicit Endpoints(const std::vector<std::string>& addresses);

  // Where the next attempt goes.
  const Endpoint* Leader();

  // `asked` said that `address` leads; unknown addresses are added. The bound keeps a confused
  // cluster from growing the list for ever: beyond, the hint counts as "not known".
  void FollowHint(const Endpoint* asked, const std::string& address);
  // The cluster's members as its leader lists them: new ones are added, and whoever was replaced is
  // not tried any more, unless the caller named it.
  void FollowMembers(const std::vector<std::string>& addresses);
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
