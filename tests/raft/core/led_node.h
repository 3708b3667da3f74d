// Bringing a DrivenNode to where it leads, and keeping it there.
#ifndef BLIXARD_TESTS_RAFT_CORE_LED_NODE_H_
#define BLIXARD_TESTS_RAFT_CORE_LED_NODE_H_

#include <cstdint>
#include <vector>

#include "raft/core/message.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/types.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {

Message Ack(const Sender& sender, LogIndex match);
std::vector<Message> OfType(const std::vector<Message>& messages, MessageType type);

// With leases a replica that has just started elects nobody, itself included, until it is so old.
inline constexpr uint64_t kFreeOfPromises = 11;
RawNodeConfig WithLease();

// Leads in term 1 with its empty entry, index 1, committed.
void LeadAndCommit(DrivenNode& node);

// A round of heartbeats that replica 2 answers.
void Beat(DrivenNode& node);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_CORE_LED_NODE_H_
