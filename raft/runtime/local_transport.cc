#include "raft/runtime/local_transport.h"

#include <glog/logging.h>

#include <utility>

#include "memory_optimization/object_pool.h"
#include "raft/runtime/replica.h"

namespace blixard::raft {

void LocalTransport::Connect(ReplicaId id, MessageReceiver& replica) {
  std::lock_guard lock(mutex_);
  CHECK(replicas_.emplace(id, &replica).second) << "replica " << id << " is connected already";
}

void LocalTransport::Disconnect(ReplicaId id) {
  std::lock_guard lock(mutex_);
  replicas_.erase(id);
}

// The payloads are shared, not copied: nobody changes them after they were sent.
void LocalTransport::Send(const Message& message) {
  memory::Pooled<Message> copy = AcquireMessage();
  if (copy) *copy = message;
  std::lock_guard lock(mutex_);
  MessageReceiver* const receiver = FindReceiver(message.to);
  if (receiver == nullptr) return;
  if (!copy) return receiver->ReportDropped();
  receiver->Receive(std::move(copy));
}

void LocalTransport::SendFrame(ReplicaId to, absl::string_view frame) {
  std::lock_guard lock(mutex_);
  if (MessageReceiver* const receiver = FindReceiver(to)) receiver->ReceiveFrame(frame);
}

MessageReceiver* LocalTransport::FindReceiver(ReplicaId id) {
  const auto found = replicas_.find(id);
  if (found != replicas_.end()) return found->second;
  sent_to_nobody_.fetch_add(1, std::memory_order_relaxed);
  return nullptr;
}

}  // namespace blixard::raft
