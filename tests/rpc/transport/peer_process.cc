// A replica in a process of its own, for a test that suspends it: grpc|tcp ID ADDRESS_1
// ADDRESS_2... It never campaigns, and ends with its standard input, or with the test.
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/rpc/transport/networked_replica.h"

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  blixard::rpc::NetworkedReplicaOptions options;
  options.network = std::string(argv[1]) == "grpc" ? blixard::rpc::NetworkKind::kGrpc
                                                   : blixard::rpc::NetworkKind::kTcp;
  options.id = std::strtoull(argv[2], nullptr, 10);
  for (int i = 3; i < argc; ++i) {
    options.addresses[blixard::raft::ReplicaId{static_cast<uint64_t>(i) - 2}] = argv[i];
  }
  options.may_campaign = false;
  const blixard::rpc::NetworkedReplica replica(options);
  ::pause();
  return 0;
}
