// A replica with a real network and a disk in memory, for tests of several processes.
#ifndef BLIXARD_TESTS_RPC_TRANSPORT_NETWORKED_REPLICA_H_
#define BLIXARD_TESTS_RPC_TRANSPORT_NETWORKED_REPLICA_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/replica_config.h"
#include "raft/runtime/transport.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::rpc {

enum class NetworkKind : uint8_t { kGrpc, kTcp };

// One of the transports, with what it needs to receive.
class TestNetwork {
 public:
  virtual ~TestNetwork() = default;
  virtual raft::Transport& transport() = 0;
  virtual void Serve(raft::Replica& replica) = 0;
  virtual void Stop() = 0;  // when the replica has stopped
  virtual size_t WaitingBytes(raft::ReplicaId peer) = 0;
};

struct NetworkedReplicaOptions {
  NetworkKind network = NetworkKind::kTcp;
  uint64_t id = 0;
  std::map<raft::ReplicaId, std::string> addresses;  // of all voters
  bool may_campaign = true;
};

inline constexpr raft::ClusterId kNetworkedCluster{11};

// So small that a test comes to the limits: its log in memory, whoever is slow, is bounded by
// kSnapshotBytes + kRetainedBytes, and what comes while a snapshot is written.
inline constexpr uint64_t kSnapshotBytes = uint64_t{1} << 20;
inline constexpr uint64_t kRetainedBytes = uint64_t{1} << 20;
inline constexpr size_t kUncommittedBytes = size_t{1} << 20;

// Listens from construction to destruction; CHECKs that it can.
class NetworkedReplica {
 public:
  explicit NetworkedReplica(const NetworkedReplicaOptions& options);
  ~NetworkedReplica();

  raft::Replica& replica() { return *replica_; }
  TestNetwork& network() { return *network_; }

 private:
  class AnswersNothing : public raft::StatelessMachine {
    void Apply(raft::EntryId, absl::string_view, raft::OutcomeSink&) override {}
  };

  raft::MemoryFileSystem files_;
  raft::PassThroughPlanner planner_;
  AnswersNothing state_machine_;
  std::unique_ptr<raft::Wal> wal_;
  std::unique_ptr<raft::SnapshotStore> snapshots_;
  std::unique_ptr<TestNetwork> network_;
  std::unique_ptr<raft::Replica> replica_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_TESTS_RPC_TRANSPORT_NETWORKED_REPLICA_H_
