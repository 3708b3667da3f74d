// What replicas say to each other. One flat struct, as in etcd's raft: which fields mean something
// depends on `type` and is listed there.
#ifndef BLIXARD_RAFT_CORE_MESSAGE_H_
#define BLIXARD_RAFT_CORE_MESSAGE_H_

#include <cstdint>
#include <vector>

#include "raft/core/entry.h"
#include "raft/core/types.h"

namespace blixard::raft {

enum class MessageType : uint8_t {
  kPreVote = 1,         // log = last entry; term = the term the sender would campaign in
  kPreVoteReply = 2,    // reject; term = the asked one if granted, else see election.cc
  kVote = 3,            // log = last entry
  kVoteReply = 4,       // reject
  kAppend = 5,          // log = entry before `entries`; commit; entries
  kAppendReply = 6,     // log.index = last matching index; or reject: log = hint, rejected_index
  kHeartbeat = 7,       // commit (already capped at what the receiver is known to match)
  kHeartbeatReply = 8,  // reject = the receiver cannot vouch for its log up to `commit`: probe it
};

struct Message {
  MessageType type = MessageType::kHeartbeat;
  bool reject = false;
  ClusterId cluster{0};
  ReplicaId from = kNoReplica;
  ReplicaId to = kNoReplica;
  Term term;
  EntryId log;  // see MessageType
  LogIndex commit;
  LogIndex rejected_index;     // kAppendReply with reject: the log.index of the refused append
  std::vector<Entry> entries;  // contiguous; keeps its capacity when the message is reused

  void Reset();  // as constructed, but keeps the capacity of `entries`
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_MESSAGE_H_
