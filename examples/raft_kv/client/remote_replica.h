// A replica in another process, asked over gRPC.
#ifndef BLIXARD_EXAMPLES_RAFT_KV_CLIENT_REMOTE_REPLICA_H_
#define BLIXARD_EXAMPLES_RAFT_KV_CLIENT_REMOTE_REPLICA_H_

#include <memory>
#include <string>

#include "examples/raft_kv/key_value.grpc.pb.h"
#include "examples/raft_kv/key_value.pb.h"
#include "rpc/transport/channel.h"

namespace blixard::example {

// Thread-safe.
class RemoteReplica {
 public:
  // `address`: host:port. Connects when asked.
  explicit RemoteReplica(const std::string& address);

  // Refused also when there is no connection, unknown when it breaks before the answer.
  Reply Ask(const Request& request);

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<KeyValue::Stub> stub_;
};

}  // namespace blixard::example

#endif  // BLIXARD_EXAMPLES_RAFT_KV_CLIENT_REMOTE_REPLICA_H_
