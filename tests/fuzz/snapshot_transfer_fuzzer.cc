// Messages of a snapshot transfer, their receiver and sender (raft/storage/snapshot_transfer.h).
#include <glog/logging.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/storage/little_endian.h"
#include "raft/storage/snapshot_receiver.h"
#include "raft/storage/snapshot_sender.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/snapshot_transfer_codec.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"

namespace blixard::fuzz {
namespace {

using raft::LoadLittleEndian;
using raft::SnapshotAck;
using raft::SnapshotChunk;
using raft::StoreLittleEndian;

// Offsets of snapshot_transfer_codec.h.
constexpr size_t kLengthAt = 4;
constexpr size_t kConfigurationBytesAt = 12;
constexpr size_t kDataChecksumAt = 92;
constexpr size_t kFixedBytes = 96;

constexpr size_t kAckBytes = 64;

constexpr raft::ReplicaId kLeader{1};
constexpr raft::ReplicaId kSelf{3};
constexpr raft::TransferId kTransfer = {.term = {2}, .number = 1};
const raft::SnapshotTransferOptions kOptions = {.chunk_bytes = 64, .window_bytes = 256};

raft::SnapshotStoreOptions StoreOptions(const std::string& directory) {
  return {.directory = directory,
          .cluster = raft::ClusterId{7},
          .writer = {.chunk_bytes = 64, .max_pending_bytes = 4096, .sync_every_bytes = 4096}};
}

memory::BufferPool& Pool() { return memory::BufferPool::Default(); }

// Makes the checksums of the frame at the front right, if it could be one of a chunk; returns its
// length.
size_t Repair(char* frame, size_t bytes) {
  if (bytes < kFixedBytes) return bytes;
  const size_t length = LoadLittleEndian<uint32_t>(frame + kLengthAt);
  const size_t configuration = LoadLittleEndian<uint32_t>(frame + kConfigurationBytesAt);
  if (length < kFixedBytes || length > bytes || configuration > length - kFixedBytes) return bytes;
  const size_t data_at = kFixedBytes + configuration;
  StoreLittleEndian(raft::PayloadCrc32c({frame + data_at, length - data_at}),
                    frame + kDataChecksumAt);
  StoreLittleEndian(raft::PayloadCrc32c({frame + 4, data_at - 4}), frame);
  return length;
}

// Gives a receiver every chunk of the frames; nothing it installs may be unreadable.
void Receive(absl::string_view frames) {
  raft::MemoryFileSystem files;
  const auto store = raft::SnapshotStore::Open(files, StoreOptions("/s")).value();
  raft::SnapshotReceiver receiver(kOptions, {.cluster = raft::ClusterId{7}, .id = kSelf}, *store);
  while (!frames.empty()) {
    SnapshotChunk chunk;
    const absl::StatusOr<size_t> length = raft::Decode(frames, Pool(), chunk);
    if (!length.ok()) break;
    std::string again;
    raft::Encode(chunk, again);
    CHECK(frames.substr(0, *length) == again) << "a chunk has two encodings";
    frames.remove_prefix(*length);
    receiver.OnChunk(chunk);
    receiver.Tick();
    SnapshotAck ack;
    while (receiver.NextAck(ack)) CHECK(ack.route.from == kSelf);
  }
  if (store->newest()) CHECK(raft::ReadNewest(*store).ok());
}

// The same of what could be an acknowledgement.
void RepairAck(char* frame) {
  StoreLittleEndian(static_cast<uint32_t>(kAckBytes), frame + kLengthAt);
  StoreLittleEndian(raft::PayloadCrc32c({frame + 4, kAckBytes - 4}), frame);
}

raft::SnapshotSender SenderOf(raft::SnapshotStore& store) {
  return raft::SnapshotSender(kOptions,
                              {.cluster = raft::ClusterId{7}, .from = kLeader, .to = kSelf},
                              kTransfer, raft::OpenNewest(store).value());
}

// A store with a snapshot of four chunks.
raft::SnapshotStore& StoreToSend() {
  static raft::MemoryFileSystem& files = *new raft::MemoryFileSystem;
  static raft::SnapshotStore& store = *[] {
    auto made = raft::SnapshotStore::Open(files, StoreOptions("/s")).value();
    CHECK(raft::WriteSnapshot(*made, raft::MetaOf(201), raft::StreamOf(9, 200)).ok());
    return made.release();
  }();
  return store;
}

// Sends until it has to wait; never more than the window beyond what was acknowledged.
void SendAll(raft::SnapshotSender& sender) {
  SnapshotChunk chunk;
  for (size_t chunks = 0; sender.NextChunk(chunk); ++chunks) {
    CHECK_LE(chunks, kOptions.window_bytes) << "a sender that never waits";
    CHECK_LE(chunk.offset + chunk.data.size(), chunk.stream_bytes);
    CHECK_LE(chunk.offset + chunk.data.size(), sender.acked_bytes() + kOptions.window_bytes);
  }
}

// Gives a sender every acknowledgement of the frames.
void Acknowledge(absl::string_view frames) {
  raft::SnapshotSender sender = SenderOf(StoreToSend());
  SendAll(sender);
  while (!frames.empty()) {
    SnapshotAck ack;
    const absl::StatusOr<size_t> length = raft::Decode(frames, ack);
    if (!length.ok()) return;
    std::string again;
    raft::Encode(ack, again);
    CHECK(frames.substr(0, *length) == again) << "an acknowledgement has two encodings";
    frames.remove_prefix(*length);
    const raft::SnapshotSender::State before = sender.state();
    sender.OnAck(ack);
    SendAll(sender);
    sender.Tick();
    CHECK(before == raft::SnapshotSender::State::kSending || sender.state() == before)
        << "a transfer that was over goes on";
    CHECK(sender.state() != raft::SnapshotSender::State::kFailed || !sender.status().ok());
  }
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  Receive(bytes);
  Acknowledge(bytes);
  std::string repaired(bytes);
  for (size_t at = 0; at < repaired.size();) {
    at += Repair(repaired.data() + at, repaired.size() - at);
  }
  Receive(repaired);
  repaired.assign(bytes.data(), bytes.size());
  for (size_t at = 0; at + kAckBytes <= repaired.size(); at += kAckBytes) {
    RepairAck(repaired.data() + at);
  }
  Acknowledge(repaired);
}

std::vector<std::string> Seeds() {
  raft::MemoryFileSystem files;
  const auto store = raft::SnapshotStore::Open(files, StoreOptions("/s")).value();
  std::vector<std::string> seeds;
  for (const size_t bytes : {0, 30, 200}) {
    const raft::SnapshotMeta meta = raft::MetaOf(bytes + 1);
    CHECK(raft::WriteSnapshot(*store, meta, raft::StreamOf(9, bytes)).ok());
    raft::SnapshotSender sender = SenderOf(*store);
    std::string frames;
    SnapshotChunk chunk;
    while (sender.NextChunk(chunk)) raft::Encode(chunk, frames);
    seeds.push_back(frames);
  }
  const auto acks = [&](const std::vector<SnapshotAck>& wanted) {
    std::string frames;
    for (SnapshotAck ack : wanted) {
      ack.route = {.cluster = raft::ClusterId{7}, .from = kSelf, .to = kLeader};
      ack.transfer = kTransfer;
      raft::Encode(ack, frames);
    }
    seeds.push_back(frames);
  };
  using enum raft::SnapshotAckKind;
  acks({{.kind = kProgress, .received = 64}});
  acks({{.kind = kProgress, .received = 64},
        {.kind = kRestart},
        {.kind = kProgress, .received = 200},
        {.kind = kInstalled, .received = 200}});
  acks({{.kind = kProgress, .received = 128}, {.kind = kRefused}});
  return seeds;
}

}  // namespace blixard::fuzz
