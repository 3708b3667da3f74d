#include "raft/storage/snapshot_transfer_codec.h"

#include <gtest/gtest.h>

#include <string>

#include "raft/core/checksum.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

memory::BufferPool& Pool() { return memory::BufferPool::Default(); }

SnapshotChunk MakeChunk() {
  return {.route = {.cluster = ClusterId{1}, .from = ReplicaId{2}, .to = ReplicaId{3}},
          .transfer = {.term = {4}, .number = 5},
          .snapshot = {.term = {6}, .index = {7}},
          .stream_bytes = 8,
          .stream_crc32c = 9,
          .offset = 0,
          .data_crc32c = PayloadCrc32c("data"),
          .configuration = Pool().AcquireCopy("configuration").value(),
          .data = Pool().AcquireCopy("data").value()};
}

SnapshotAck MakeAck() {
  return {.route = {.cluster = ClusterId{1}, .from = ReplicaId{2}, .to = ReplicaId{3}},
          .transfer = {.term = {4}, .number = 5},
          .kind = SnapshotAckKind::kRestart,
          .received = 6};
}

TEST(SnapshotTransferCodecTest, AChunkComesBackFromTheFrontOfAStream) {
  std::string frames;
  Encode(MakeChunk(), frames);
  ASSERT_EQ(frames.size(), EncodedBytes(MakeChunk()));
  const size_t length = frames.size();
  frames += "more";
  SnapshotChunk chunk;
  EXPECT_EQ(Decode(frames, Pool(), chunk).value(), length);
  const SnapshotChunk want = MakeChunk();
  EXPECT_EQ(chunk.route, want.route);
  EXPECT_EQ(chunk.transfer, want.transfer);
  EXPECT_EQ(chunk.snapshot, want.snapshot);
  EXPECT_EQ(chunk.stream_bytes, want.stream_bytes);
  EXPECT_EQ(chunk.stream_crc32c, want.stream_crc32c);
  EXPECT_EQ(chunk.offset, want.offset);
  EXPECT_EQ(chunk.data_crc32c, want.data_crc32c);
  EXPECT_EQ(chunk.configuration, want.configuration);
  EXPECT_EQ(chunk.data, want.data);
}

TEST(SnapshotTransferCodecTest, AnAckComesBack) {
  std::string frames;
  Encode(MakeAck(), frames);
  SnapshotAck ack;
  EXPECT_EQ(Decode(frames, ack).value(), frames.size());
  EXPECT_EQ(ack.route, MakeAck().route);
  EXPECT_EQ(ack.transfer, MakeAck().transfer);
  EXPECT_EQ(ack.kind, MakeAck().kind);
  EXPECT_EQ(ack.received, MakeAck().received);
}

TEST(SnapshotTransferCodecTest, EveryFlippedBitIsDetectedThoseOfTheDataByTheirOwnChecksum) {
  std::string good;
  Encode(MakeChunk(), good);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    SnapshotChunk chunk;
    if (!Decode(bad, Pool(), chunk).ok()) continue;
    EXPECT_NE(PayloadCrc32c(chunk.data.view()), chunk.data_crc32c) << "bit " << bit;
  }
  good.clear();
  Encode(MakeAck(), good);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    SnapshotAck ack;
    EXPECT_FALSE(Decode(bad, ack).ok()) << "bit " << bit;
  }
}

TEST(SnapshotTransferCodecTest, EveryCutIsDetectedAndNeitherPassesForTheOther) {
  std::string chunk_bytes;
  Encode(MakeChunk(), chunk_bytes);
  std::string ack_bytes;
  Encode(MakeAck(), ack_bytes);
  SnapshotChunk chunk;
  SnapshotAck ack;
  for (size_t size = 0; size < chunk_bytes.size(); ++size) {
    EXPECT_FALSE(Decode(chunk_bytes.substr(0, size), Pool(), chunk).ok()) << size;
  }
  for (size_t size = 0; size < ack_bytes.size(); ++size) {
    EXPECT_FALSE(Decode(ack_bytes.substr(0, size), ack).ok()) << size;
  }
  EXPECT_FALSE(Decode(ack_bytes, Pool(), chunk).ok());
  EXPECT_FALSE(Decode(chunk_bytes, ack).ok());
}

}  // namespace
}  // namespace blixard::raft
