// One RawNode whose surroundings are played by the test: its peers, and a disk that never waits.
#ifndef BLIXARD_TESTS_RAFT_CORE_DRIVEN_NODE_H_
#define BLIXARD_TESTS_RAFT_CORE_DRIVEN_NODE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/configuration.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/raw_node.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/ready_batch.h"
#include "raft/core/types.h"

namespace blixard::raft {

// Replica 1 of cluster 1.
RawNodeConfig ConfigOfOne();
Configuration Voters(uint64_t voters);  // 1 to `voters`
// A disk that knows only its first configuration.
RestoredLog FirstOf(uint64_t voters);
// One that has a log, nothing of which was applied before the start.
RestoredLog LogOf(uint64_t voters, const HardState& hard_state, std::vector<Entry> entries);

HardState InTerm(Term term, LogIndex commit = {});  // voted for nobody
memory::Buffer BufferOf(absl::string_view text);
Entry Command(const EntryId& id, absl::string_view text);
Entry Empty(const EntryId& id);
std::vector<Entry> CommandsOf(Term term, LogIndex from, LogIndex to);

// A message to replica 1.
struct Sender {
  uint64_t replica = 2;
  uint64_t term = 1;
};
Message From(const Sender& sender, MessageType type);
Message AppendFrom(const Sender& sender, const EntryId& before, std::vector<Entry> entries,
                   LogIndex commit);

class DrivenNode {
 public:
  DrivenNode(const RawNodeConfig& config, RestoredLog restored);
  // With voters 1 to `voters` and an empty log.
  explicit DrivenNode(uint64_t voters) : DrivenNode(ConfigOfOne(), FirstOf(voters)) {}
  DrivenNode(const RawNodeConfig& config, uint64_t voters) : DrivenNode(config, FirstOf(voters)) {}

  RawNode* operator->() { return node_.get(); }
  RawNode& operator*() { return *node_; }

  // Works off everything; returns what was sent meanwhile, in order.
  std::vector<Message> Work();
  // Steps (CHECKs that it is taken) and works off. A reply without a context gets that of the last
  // message to its sender that asks for one.
  std::vector<Message> Take(Message message);
  // Wins an election with the votes of all peers.
  void Lead();

  const std::vector<EntryId>& applied() const { return applied_; }
  const HardState& stored() const { return stored_; }
  const std::vector<ReadAnswer>& reads() const { return reads_; }
  // Of the last append, snapshot, or heartbeat to `peer`.
  uint64_t SessionOf(uint64_t peer) { return sessions_[ReplicaId{peer}]; }
  uint64_t RoundOf(uint64_t peer) { return rounds_[ReplicaId{peer}]; }

 private:
  std::unique_ptr<RawNode> node_;
  std::vector<EntryId> applied_;
  HardState stored_;
  std::vector<ReadAnswer> reads_;
  std::map<ReplicaId, uint64_t> sessions_, rounds_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_DRIVEN_NODE_H_
