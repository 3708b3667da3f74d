#include "raft/runtime/snapshot_exchange.h"

#include <glog/logging.h>

#include <utility>

#include "memory_optimization/buffer_pool.h"
#include "raft/storage/snapshot_transfer_codec.h"

namespace blixard::raft {

SnapshotExchange::SnapshotExchange(const Options& options, SnapshotStore& store,
                                   Transport& transport)
    : options_(options),
      store_(store),
      transport_(transport),
      receiver_(options.transfer, {.cluster = options.cluster, .id = options.self}, store) {}

void SnapshotExchange::Send(SnapshotOrder& order, SnapshotEvents& events) {
  const ReplicaId peer = order.message.to;
  absl::StatusOr<std::unique_ptr<SnapshotReader>> reader = store_.Open(order.message.log);
  if (!reader.ok()) {
    SnapshotEvent event{.kind = SnapshotEvent::Kind::kDelivered};
    event.peer = peer;
    event.status = reader.status();
    events.push_back(std::move(event));
    return;
  }
  Sending& sending = sendings_[peer];
  sending.sender = std::make_unique<SnapshotSender>(
      options_.transfer,
      SnapshotRoute{.cluster = options_.cluster, .from = options_.self, .to = peer},
      TransferId{.term = order.message.term, .number = ++transfers_}, *std::move(reader));
  sending.message = std::move(order.message);
}

void SnapshotExchange::TakeIn(absl::string_view frame) {
  SnapshotChunk chunk;
  SnapshotAck ack;
  if (Decode(frame, memory::BufferPool::Default(), chunk).ok()) {
    receiver_.OnChunk(chunk);
  } else if (Decode(frame, ack).ok()) {
    const auto sending = sendings_.find(ack.route.from);
    if (sending != sendings_.end()) sending->second.sender->OnAck(ack);
  } else {
    LOG_EVERY_N(WARNING, 100) << "a frame of a snapshot is dropped: " << frame.size()
                              << " bytes that are no chunk and no acknowledgement";
  }
}

void SnapshotExchange::Tick() {
  receiver_.Tick();
  for (auto& [peer, sending] : sendings_) sending.sender->Tick();
}

void SnapshotExchange::Work(SnapshotEvents& events) {
  SendAcks();
  SendChunks();
  EndFinished(events);
  TellFailure(events);
  transport_.Flush();
}

void SnapshotExchange::SendAcks() {
  SnapshotAck ack;
  while (receiver_.NextAck(ack)) {
    frame_.clear();
    Encode(ack, frame_);
    transport_.SendFrame(ack.route.to, frame_);
  }
}

void SnapshotExchange::SendChunks() {
  SnapshotChunk chunk;
  for (auto& [peer, sending] : sendings_) {
    while (sending.sender->NextChunk(chunk)) {
      frame_.clear();
      Encode(chunk, frame_);
      transport_.SendFrame(peer, frame_);
    }
  }
}

void SnapshotExchange::EndFinished(SnapshotEvents& events) {
  for (auto sending = sendings_.begin(); sending != sendings_.end();) {
    const SnapshotSender& sender = *sending->second.sender;
    if (sender.state() == SnapshotSender::State::kSending) {
      ++sending;
      continue;
    }
    SnapshotEvent event{.kind = SnapshotEvent::Kind::kDelivered};
    event.peer = sending->first;
    event.status = sender.status();
    if (sender.state() == SnapshotSender::State::kInstalled) {
      transport_.Send(sending->second.message);
    }
    events.push_back(std::move(event));
    sending = sendings_.erase(sending);
  }
}

// A peer's snapshot that this disk would not take is refused, and nobody else here would notice
// why.
void SnapshotExchange::TellFailure(SnapshotEvents& events) {
  if (failure_told_ || store_.status().ok()) return;
  failure_told_ = true;
  SnapshotEvent event{.kind = SnapshotEvent::Kind::kNotWritten};
  event.status = store_.status();
  events.push_back(std::move(event));
}

}  // namespace blixard::raft
