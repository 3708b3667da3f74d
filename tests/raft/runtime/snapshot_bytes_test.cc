#include "raft/runtime/snapshot_bytes.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tests/raft/runtime/memory_stream.h"

namespace blixard::raft {
namespace {

class BrokenSource : public SnapshotSource {
  absl::StatusOr<size_t> Read(absl::Span<char>) override { return absl::DataLossError("damaged"); }
};

TEST(SnapshotBytesTest, WhatAViewWritesIsReadBackInPiecesOfAnySize) {
  for (const size_t length : {0, 1, 4095, 4096, 4097, 10'000}) {
    const std::string state(length, 'x');
    MemorySink sink;
    ASSERT_TRUE(EncodedView(state).WriteTo(sink).ok());
    for (const size_t piece : {1, 7, 4096}) {
      MemorySource source(sink.bytes(), piece);
      const absl::StatusOr<std::string> read = ReadAll(source);
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(*read, state) << length << " bytes in pieces of " << piece;
    }
  }
}

TEST(SnapshotBytesTest, TheSourcesErrorIsReturned) {
  BrokenSource source;
  EXPECT_TRUE(absl::IsDataLoss(ReadAll(source).status()));
}

}  // namespace
}  // namespace blixard::raft
