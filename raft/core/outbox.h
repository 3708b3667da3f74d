// Outgoing messages of one batch. Messages and their entry vectors are kept and reused, so a batch
// like the ones before allocates nothing.
#ifndef BLIXARD_RAFT_CORE_OUTBOX_H_
#define BLIXARD_RAFT_CORE_OUTBOX_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "raft/core/message.h"

namespace blixard::raft {

// Not thread-safe. Its owner empties it at every batch, so it holds what one round of ticks and
// steps caused: at most one reply per message taken in, and per peer one heartbeat a tick and the
// appends that the inflight limits allow.
class Outbox {
 public:
  // A message as constructed; valid until the next Add or Clear.
  Message& Add();

  // Lets go of all payloads; keeps capacity.
  void Clear() {
    for (size_t i = 0; i < used_; ++i) messages_[i].Reset();
    used_ = 0;
  }

  // Cheaper than std::swap, which builds and destroys a third one.
  void Swap(Outbox& other) noexcept {
    messages_.swap(other.messages_);
    std::swap(used_, other.used_);
  }

  bool empty() const { return used_ == 0; }
  // Their content may be moved out.
  absl::Span<Message> messages() { return absl::MakeSpan(messages_.data(), used_); }

 private:
  std::vector<Message> messages_;  // the first `used_` count, the others wait, reset
  size_t used_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_OUTBOX_H_
