// What an operator or the embedder asks of a replica, apart from proposals and reads.
#ifndef BLIXARD_RAFT_RUNTIME_REPLICA_REQUEST_H_
#define BLIXARD_RAFT_RUNTIME_REPLICA_REQUEST_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Rare; may allocate.
struct ReplicaRequest {
  enum class Kind : uint8_t {
    kCampaign,  // stand for election now
  };

  Kind kind = Kind::kCampaign;

  // Called once, from a thread of the replica, when it is known how the request ended: must not
  // block nor call the replica's Stop. May be empty.
  std::function<void(const absl::Status&)> done;

  void End(const absl::Status& status) const {
    if (done) done(status);
  }
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_REPLICA_REQUEST_H_
