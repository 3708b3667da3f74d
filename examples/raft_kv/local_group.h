// Three copies of the map in one process.
#ifndef BLIXARD_EXAMPLES_RAFT_KV_LOCAL_GROUP_H_
#define BLIXARD_EXAMPLES_RAFT_KV_LOCAL_GROUP_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "examples/raft_kv/key_value_replica.h"
#include "raft/core/types.h"
#include "raft/runtime/local_transport.h"

namespace blixard::example {

class LocalGroup {
 public:
  LocalGroup() = default;
  ~LocalGroup();  // stops

  // `directory` gets one directory for each replica; its parent exists.
  absl::Status Start(const std::string& directory);

  // Valid as long as this object.
  std::vector<KeyValueReplica*> replicas() const;

 private:
  raft::LocalTransport network_;
  std::map<raft::ReplicaId, std::unique_ptr<KeyValueReplica>> replicas_;
};

}  // namespace blixard::example

#endif  // BLIXARD_EXAMPLES_RAFT_KV_LOCAL_GROUP_H_
