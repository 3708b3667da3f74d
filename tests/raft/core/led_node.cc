#include "tests/raft/core/led_node.h"

#include <glog/logging.h>

#include <algorithm>
#include <iterator>

namespace blixard::raft {

Message Ack(const Sender& sender, LogIndex match) {
  Message reply = From(sender, MessageType::kAppendReply);
  reply.log.index = match;
  return reply;
}

std::vector<Message> OfType(const std::vector<Message>& messages, MessageType type) {
  std::vector<Message> found;
  std::copy_if(messages.begin(), messages.end(), std::back_inserter(found),
               [type](const Message& message) { return message.type == type; });
  return found;
}

RawNodeConfig WithLease() {
  RawNodeConfig config = ConfigOfOne();
  config.lease = {.enabled = true, .clock_error_ticks = 2};
  return config;
}

void LeadAndCommit(DrivenNode& node) {
  if (node->config().lease.enabled) {
    for (uint64_t tick = 0; tick < kFreeOfPromises; ++tick) node->Tick();
  }
  node.Lead();
  node.Take(Ack({.replica = 2}, LogIndex{1}));
  CHECK_EQ(node->commit_index(), LogIndex{1});
}

void Beat(DrivenNode& node) {
  node->Tick();
  node.Work();
  node.Take(From({.replica = 2, .term = node->term().value}, MessageType::kHeartbeatReply));
}

}  // namespace blixard::raft
