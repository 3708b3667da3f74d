// What replicas say to each other. One flat struct, as in etcd's raft: which fields mean something
// depends on `type` and is listed there.
#ifndef BLIXARD_RAFT_CORE_MESSAGE_H_
#define BLIXARD_RAFT_CORE_MESSAGE_H_

#include <cstdint>
#include <vector>

#include "memory_optimization/buffer_pool.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"

namespace blixard::raft {

enum class MessageType : uint8_t {
  // log = last entry; term = the one the sender would campaign in; commit; context = term there
  kPreVote = 1,
  // reject; term = the asked one if granted, else see election.cc; log = an entry that is committed
  kPreVoteReply = 2,
  kVote = 3,       // log = last entry; force; commit and context as in kPreVote
  kVoteReply = 4,  // reject; log = an entry that is committed
  kAppend = 5,     // log = entry before `entries`; commit; entries; context = session; lost_data
  // log.index = last matching index; or reject: log = hint, rejected_index, wants_snapshot;
  // context = that of the append or snapshot it answers; lost_data = the sender's
  kAppendReply = 6,
  // commit (already capped at what the receiver is known to match); context = round; urgent;
  // lost_data, which only who has no configuration believes: it tells no session
  kHeartbeat = 7,
  // reject = the receiver cannot vouch for its log up to `commit`: probe it; context = round, or 0
  // when the receiver cannot confirm leadership; urgent as in the heartbeat; wants_snapshot
  kHeartbeatReply = 8,
  // log = last entry the snapshot covers; payload = encoded Configuration as of it; context =
  // session; lost_data; wants_snapshot = the receiver is known to have no configuration. The data
  // travels outside the core: step the message once they are durable at the receiver. A snapshot of
  // index 0 has no data, only the configuration the group began with.
  kSnapshot = 9,
  kReadIndex = 10,       // context = the asker's token
  kReadIndexReply = 11,  // context = the asker's token; log.index = read index, or reject
  kTransferLeader = 12,  // context = the replica that is to lead; from a follower to the leader
  kTimeoutNow = 13,      // log = the leader's last entry; commit; campaign at once
};

inline constexpr MessageType kLastMessageType = MessageType::kTimeoutNow;

struct Message {
  MessageType type = MessageType::kHeartbeat;
  bool reject = false;
  bool force = false;           // a campaign the leader asked for: it passes leader stickiness
  bool lost_data = false;       // from a leader: the receiver no longer has what it acknowledged
  bool wants_snapshot = false;  // the sender has no configuration, so no append can help it
  // A read waits for this heartbeat, or reply: what gathers messages must not hold it back.
  bool urgent = false;
  ClusterId cluster{0};
  ReplicaId from = kNoReplica;
  ReplicaId to = kNoReplica;
  Term term;
  EntryId log;  // see MessageType
  LogIndex commit;
  LogIndex rejected_index;     // kAppendReply with reject: the log.index of the refused append
  uint64_t context = 0;        // see MessageType
  std::vector<Entry> entries;  // contiguous; keeps its capacity when the message is reused
  memory::Buffer payload;      // kSnapshot only

  void Reset();  // as constructed, but keeps the capacity of `entries`
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_MESSAGE_H_
