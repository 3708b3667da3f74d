#include "raft/core/outbox.h"

namespace blixard::raft {

Message& Outbox::Add() {
  if (used_ == messages_.size()) messages_.emplace_back();
  return messages_[used_++];
}

void Outbox::Clear() {
  for (size_t i = 0; i < used_; ++i) messages_[i].Reset();
  used_ = 0;
}

}  // namespace blixard::raft
