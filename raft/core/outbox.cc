#include "raft/core/outbox.h"

namespace blixard::raft {

Message& Outbox::Add() {
  if (used_ == messages_.size()) messages_.emplace_back();
  return messages_[used_++];
}

}  // namespace blixard::raft
