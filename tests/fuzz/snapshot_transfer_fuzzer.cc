// Messages of a snapshot transfer, and their receiver (raft/storage/snapshot_receiver.h).
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

constexpr raft::ReplicaId kSelf{3};
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
  if (receiver.TakeInstalled()) CHECK(raft::ReadNewest(*store).ok());
}

void DecodeAck(absl::string_view bytes) {
  SnapshotAck ack;
  const absl::StatusOr<size_t> length = raft::Decode(bytes, ack);
  if (!length.ok()) return;
  std::string again;
  raft::Encode(ack, again);
  CHECK(bytes.substr(0, *length) == again) << "an acknowledgement has two encodings";
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  Receive(bytes);
  DecodeAck(bytes);
  std::string repaired(bytes);
  for (size_t at = 0; at < repaired.size();) {
    at += Repair(repaired.data() + at, repaired.size() - at);
  }
  Receive(repaired);
}

std::vector<std::string> Seeds() {
  raft::MemoryFileSystem files;
  const auto store = raft::SnapshotStore::Open(files, StoreOptions("/s")).value();
  std::vector<std::string> seeds;
  for (const size_t bytes : {0, 30, 200}) {
    const raft::SnapshotMeta meta = raft::MetaOf(bytes + 1);
    CHECK(raft::WriteSnapshot(*store, meta, raft::StreamOf(9, bytes)).ok());
    raft::SnapshotSender sender(
        kOptions, {.cluster = raft::ClusterId{7}, .from = raft::ReplicaId{1}, .to = kSelf},
        {.term = {2}, .number = 1}, store->OpenNewest().value());
    std::string frames;
    SnapshotChunk chunk;
    while (sender.NextChunk(chunk)) raft::Encode(chunk, frames);
    seeds.push_back(frames);
  }
  std::string ack;
  raft::Encode(SnapshotAck{.kind = raft::SnapshotAckKind::kProgress, .received = 64}, ack);
  seeds.push_back(ack);
  return seeds;
}

}  // namespace blixard::fuzz
