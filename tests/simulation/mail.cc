#include "tests/simulation/mail.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "raft/runtime/replica.h"

namespace blixard::raft {

std::string Mail::Described(const Message& message) {
  return absl::StrFormat("  %d->%d type=%d term=%d log=%d/%d commit=%d entries=%d context=%x%s",
                         static_cast<uint64_t>(message.from), static_cast<uint64_t>(message.to),
                         static_cast<int>(message.type), message.term.value, message.log.term.value,
                         message.log.index.value, message.commit.value, message.entries.size(),
                         message.context, message.reject ? " reject" : "");
}

// Counts what faults did to something on its way.
Deliveries Mail::Route(Link link) {
  const Deliveries deliveries = network_.Route(link);
  Passed& passed = PassedOn(link);
  if (deliveries.cut) {
    coverage_.Hit(Rare::kMessageCutOff);
    const Link back{.from = link.to, .to = link.from};
    if (network_.Reaches(back)) coverage_.Hit(Rare::kMessageCutOffOneWay);
  } else if (std::exchange(passed.cut, false)) {
    coverage_.Hit(Rare::kCutMended);
  }
  passed.cut = deliveries.cut;
  if (deliveries.dropped) coverage_.Hit(Rare::kMessageDropped);
  if (deliveries.slowed) coverage_.Hit(Rare::kMessageSlowed);
  return deliveries;
}

void Mail::Send(const Message& message) {
  const Link link{.from = static_cast<uint32_t>(message.from) - 1,
                  .to = static_cast<uint32_t>(message.to) - 1};
  const Deliveries deliveries = Route(link);
  VirtualTime& last = PassedOn(link).last_arrival;
  for (size_t i = 0; i < deliveries.count; ++i) {
    const VirtualTime arrival = agenda_.now() + deliveries.delays[i];
    if (i > 0) coverage_.Hit(Rare::kMessageDuplicated);
    if (arrival < last) coverage_.Hit(Rare::kMessageReordered);
    last = std::max(last, arrival);
    memory::Pooled<Message> copy = AcquireMessage();
    if (!copy) continue;  // lost
    *copy = message;
    agenda_.At(arrival, EventKind::kDeliver, link.to, messages_.Put(std::move(copy)));
  }
}

void Mail::SendFrame(Link link, absl::string_view frame) {
  const Deliveries deliveries = Route(link);
  if (deliveries.count == 0) coverage_.Hit(Rare::kSnapshotPieceLost);
  for (size_t i = 0; i < deliveries.count; ++i) {
    agenda_.After(deliveries.delays[i], EventKind::kFrameArrives, link.to,
                  frames_.Put(std::string(frame)));
  }
}

memory::Pooled<Message> Mail::TakeMessage(uint64_t slot) {
  memory::Pooled<Message> message = std::move(messages_.At(slot));
  messages_.Free(slot);
  return message;
}

std::string Mail::TakeFrame(uint64_t slot) {
  std::string frame = std::move(frames_.At(slot));
  frames_.Free(slot);
  return frame;
}

}  // namespace blixard::raft
