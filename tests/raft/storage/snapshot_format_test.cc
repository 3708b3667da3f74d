#include "raft/storage/snapshot_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "raft/core/checksum.h"
#include "raft/storage/little_endian.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"
#include "tests/raft/storage/status_matchers.h"

namespace blixard::raft {
namespace {

using ::testing::HasSubstr;

const SnapshotHeader kHeader = {
    .cluster = ClusterId{7},
    .meta = {.last = {.term = {3}, .index = {258}},
             .configuration = {.voters = {ReplicaId{1}, ReplicaId{2}, ReplicaId{3}},
                               .learners = {ReplicaId{4}}}},
    .chunk_bytes = 64};

// A file of today must be readable for ever: these bytes never change.
TEST(SnapshotFormatTest, TheFileIsThatOfVersionOne) {
  MemoryFileSystem files;
  const std::unique_ptr<SnapshotStore> store =
      SnapshotStore::Open(files, {.directory = "/s",
                                  .cluster = kHeader.cluster,
                                  .writer = {.chunk_bytes = 64, .max_pending_bytes = 4096}})
          .value();
  ASSERT_THAT(WriteSnapshot(*store, kHeader.meta, std::string(64, 'a') + "bc"), IsOk());
  const std::string bytes =
      files.Content(std::string("/s/") + "0000000000000102-0000000000000003.snapshot");
  EXPECT_EQ(absl::BytesToHexString(bytes),
            // header: checksum, length, magic, version, chunk size, cluster, term, index,
            // configuration's length, zero, configuration
            "9777be27"
            "60000000"
            "424c58534e415000"
            "01000000"
            "40000000"
            "0700000000000000"
            "0300000000000000"
            "0201000000000000"
            "28000000"
            "00000000"
            "0101000003000100"
            "0100000000000000"
            "0200000000000000"
            "0300000000000000"
            "0400000000000000"
            // chunks: checksum, length, offset, data
            "95ebe6b6"
            "40000000"
            "0000000000000000" +
                absl::BytesToHexString(std::string(64, 'a')) +
                "a5050356"
                "02000000"
                "4000000000000000"
                "6263"
                // footer: checksum, marker, stream's length and checksum, zero, file's length
                "4697dbf3"
                "ffffffff"
                "4200000000000000"
                "2598cf1f"
                "00000000"
                "e200000000000000");
}

TEST(SnapshotFormatTest, AHeaderComesBackFromItsBytesWhateverFollows) {
  const EncodedSnapshotHeader encoded = EncodeSnapshotHeader(kHeader);
  const absl::StatusOr<DecodedSnapshotHeader> decoded =
      DecodeSnapshotHeader(encoded.bytes + "and more");
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->header, kHeader);
  EXPECT_EQ(decoded->bytes, encoded.bytes.size());
  EXPECT_EQ(decoded->seed, encoded.seed);
}

TEST(SnapshotFormatTest, EveryFlippedBitOfAHeaderIsDetected) {
  const std::string good = EncodeSnapshotHeader(kHeader).bytes;
  for (size_t at = 0; at < good.size() * 8; ++at) {
    std::string bad = good;
    bad[at / 8] = static_cast<char>(bad[at / 8] ^ (1 << (at % 8)));
    EXPECT_EQ(DecodeSnapshotHeader(bad).status().code(), absl::StatusCode::kDataLoss)
        << "bit " << at;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(DecodeSnapshotHeader(good.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss);
  }
}

// Puts `value` at `at` and makes the checksum right again.
std::string WithField(std::string header, size_t at, uint32_t value) {
  StoreLittleEndian(value, header.data() + at);
  StoreLittleEndian(PayloadCrc32c(absl::string_view(header).substr(4)), header.data());
  return header;
}

TEST(SnapshotFormatTest, AnIntactHeaderThatSaysNonsenseIsRefused) {
  const std::string good = EncodeSnapshotHeader(kHeader).bytes;
  EXPECT_THAT(DecodeSnapshotHeader(WithField(good, 16, 1)), IsOk());
  EXPECT_THAT(DecodeSnapshotHeader(WithField(good, 16, 2)),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("version: want 1, got 2")));
  EXPECT_THAT(DecodeSnapshotHeader(WithField(good, 20, 63)),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("chunk size")));
  EXPECT_THAT(DecodeSnapshotHeader(WithField(good, 48, 39)),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("configuration length")));
  EXPECT_THAT(DecodeSnapshotHeader(WithField(good, 52, 1)),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("byte 52")));
  EXPECT_THAT(DecodeSnapshotHeader(WithField(good, 8, 0)),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("BLXSNAP")));
}

TEST(SnapshotFormatTest, AChunkBelongsToItsSnapshotAndItsOffset) {
  const std::string data = "some data";
  std::string chunk(kChunkHeaderBytes, '\0');
  EncodeChunkHeader(5, 64, data, chunk.data());
  chunk += data;
  EXPECT_THAT(CheckChunk(5, 64, chunk), IsOk());
  EXPECT_EQ(CheckChunk(6, 64, chunk).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(CheckChunk(5, 128, chunk).code(), absl::StatusCode::kDataLoss);
  for (size_t at = 0; at < chunk.size(); ++at) {
    std::string bad = chunk;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    EXPECT_EQ(CheckChunk(5, 64, bad).code(), absl::StatusCode::kDataLoss) << at;
    EXPECT_EQ(CheckChunk(5, 64, chunk.substr(0, at)).code(), absl::StatusCode::kDataLoss) << at;
  }
}

TEST(SnapshotFormatTest, NamesSortByAgeAndComeBack) {
  const EntryId old = {.term = {9}, .index = {0x0f}};
  const EntryId later = {.term = {2}, .index = {0x10}};
  EXPECT_LT(SnapshotFileName(old), SnapshotFileName(later));
  EXPECT_EQ(ParseSnapshotFileName(SnapshotFileName(old)), old);
  for (const std::string& name :
       {std::string("LOCK"), SnapshotFileName(old) + ".damaged", std::string(42, '0'),
        std::string("000000000000000F-0000000000000009.snapshot"), std::string()}) {
    EXPECT_FALSE(ParseSnapshotFileName(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace blixard::raft
