// Every public operation of bytes, buffers and columns with each of its allocations failing in
// turn.
#include <glog/logging.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/bytes.h"
#include "memory_optimization/bytes_format.h"
#include "memory_optimization/bytes_mut.h"
#include "memory_optimization/bytes_reader.h"
#include "memory_optimization/bytes_writer.h"
#include "memory_optimization/columns.h"
#include "memory_optimization/vector_pool.h"
#include "tests/memory_optimization/failure_walk.h"

namespace blixard::memory {
namespace {

// Small blocks, so that the heap is walked too.
struct Fixture {
  BufferPool pool{{.name = "failing", .max_block_bytes = 256}};
  BytesMut writer{pool};
  Bytes kept;
};

void ExpectBlocks(const Fixture& fixture, uint64_t live) {
  EXPECT_EQ(fixture.pool.Stats().live, live);
}

TEST(BytesFailureTest, ABufferIsAcquiredOrNothingHappened) {
  EXPECT_FAILURE_SAFE(FailureWalk<Fixture>{
      .operation = [](Fixture& f) { return f.pool.Acquire(100); },
      .check = [](Fixture& f) { ExpectBlocks(f, 0); },
  });
  EXPECT_FAILURE_SAFE(FailureWalk<Fixture>{
      .operation = [](Fixture& f) { return f.pool.AcquireCopy("content"); },
      .check = [](Fixture& f) { ExpectBlocks(f, 0); },
  });
}

TEST(BytesFailureTest, AFailedBlockCountsNothingTowardsTheBound) {
  struct Bounded {
    BufferPool pool{{.name = "bounded", .max_live_bytes = 64}};
  };
  EXPECT_FAILURE_SAFE(FailureWalk<Bounded>{
      .operation = [](Bounded& b) { return b.pool.Acquire(64); },
      .check = [](Bounded& b) { EXPECT_TRUE(b.pool.Acquire(64).ok()); },
  });
}

TEST(BytesFailureTest, CopiesOfThePoolAndOfTheHeap) {
  for (const size_t size : {10, 1000}) {
    EXPECT_FAILURE_SAFE(FailureWalk<Fixture>{
        .operation = [content = std::string(size, 'x')](
                         Fixture& f) { return Bytes::CopyOf(content, f.pool); },
        .check = [](Fixture& f) { ExpectBlocks(f, 0); },
    });
  }
}

TEST(BytesFailureTest, AnOwnerIsNotMovedFromWhenThereIsNoBlockForIt) {
  struct Owner {
    std::string text = std::string(100, 'x');
    bool done = false;
  };
  EXPECT_FAILURE_SAFE(FailureWalk<Owner>{
      .operation =
          [](Owner& owner) {
            std::string text(std::move(owner.text));
            const absl::StatusOr<Bytes> bytes = Bytes::FromOwner(std::move(text));
            owner.done = bytes.ok();
            owner.text = bytes.ok() ? std::string() : std::move(text);
            return bytes;
          },
      .check = [](Owner& owner) { EXPECT_EQ(owner.text.empty(), owner.done); },
  });
}

TEST(BytesFailureTest, AReleaseIsCalledExactlyWhenTheBytesWereMade) {
  struct Counts {
    int made = 0;
    int released = 0;
  };
  EXPECT_FAILURE_SAFE(FailureWalk<Counts>{
      .operation =
          [](Counts& counts) {
            const absl::StatusOr<Bytes> bytes =
                Bytes::FromExternal("memory", [&counts] { ++counts.released; });
            if (bytes.ok()) ++counts.made;
            return bytes.ok();
          },
      .check = [](Counts& counts) { EXPECT_EQ(counts.made, counts.released); },
  });
}

TEST(BytesFailureTest, AFailedAppendChangesNothing) {
  for (const size_t size : {100, 1000}) {
    EXPECT_FAILURE_SAFE(FailureWalk<Fixture>{
        .setup =
            [] {
              auto fixture = std::make_unique<Fixture>();
              CHECK(fixture->writer.Append("head").ok());
              return fixture;
            },
        .operation = [content =
                          std::string(size, 'x')](Fixture& f) { return f.writer.Append(content); },
        .check = [](Fixture& f) { EXPECT_EQ(f.writer.view().substr(0, 4), "head"); },
    });
  }
}

TEST(BytesFailureTest, AFailedCompactKeepsTheOldBlock) {
  EXPECT_FAILURE_SAFE(FailureWalk<Fixture>{
      .setup =
          [] {
            auto fixture = std::make_unique<Fixture>();
            fixture->kept =
                Bytes::CopyOf(std::string(1000, 'x'), fixture->pool).value().Slice(0, 3);
            return fixture;
          },
      .operation = [](Fixture& f) { return f.kept.Compact(f.pool); },
      .check = [](Fixture& f) { EXPECT_EQ(f.kept, "xxx"); },
  });
}

TEST(BytesFailureTest, SlicingSplittingFreezingAndUnfreezingNeverAllocate) {
  const FailureWalkResult walk = WalkFailures(FailureWalk<Fixture>{
      .setup =
          [] {
            auto fixture = std::make_unique<Fixture>();
            CHECK(fixture->writer.Append("abcdef").ok());
            return fixture;
          },
      .operation =
          [](Fixture& f) {
            BytesMut front = f.writer.SplitTo(f.writer.size() / 2);
            Bytes frozen = std::move(front).Freeze();
            const Bytes slice = frozen.Slice(0, frozen.size());
            frozen = Bytes();
            Bytes alone = slice;
            return !BytesMut::TryUnfreeze(alone).has_value();
          },
  });
  EXPECT_TRUE(walk.safe()) << walk.problem;
  EXPECT_EQ(walk.failures, 0u);
}

TEST(BytesFailureTest, FormattingAndWriting) {
  EXPECT_FAILURE_SAFE(FailureWalk<Fixture>{
      .operation = [](Fixture& f) { return FormatTo(f.writer, "{:>300}", 17); },
      .check = [](Fixture& f) { EXPECT_EQ(f.writer.size() % 300, 0u); },
  });
  EXPECT_FAILURE_SAFE(FailureWalk<Fixture>{
      .operation =
          [](Fixture& f) {
            BytesWriter writer(f.writer);
            writer.PutSized("name");
            return writer.status();
          },
      .check = [](Fixture& f) { EXPECT_EQ(f.writer.size() % 5, 0u); },
  });
}

TEST(BytesFailureTest, AnErrorIsToldOrThereIsNoMemoryForIt) {
  struct Reader {
    BytesReader reader{Bytes::FromStatic("ab")};
  };
  EXPECT_FAILURE_SAFE(FailureWalk<Reader>{
      .operation =
          [](Reader& r) {
            r.reader.Get<uint64_t>("term");
            return !r.reader.status().ok();
          },
      .check = [](Reader& r) { EXPECT_FALSE(r.reader.ok()); },
  });
}

TEST(BytesFailureTest, ColumnsGrowAndCopyOrStayAsTheyWere) {
  using Table = Columns<int32_t, uint64_t>;
  struct Tables {
    Table first;
    Table second;
  };
  const auto setup = [] {
    auto tables = std::make_unique<Tables>();
    for (int i = 0; i < 64; ++i) tables->first.Append(i, 1);
    return tables;
  };
  EXPECT_FAILURE_SAFE(FailureWalk<Tables>{
      .setup = setup,
      .operation = [](Tables& t) { t.first.Append(64, 1); },
      .check = [](Tables& t) { EXPECT_EQ(std::get<0>(t.first.row(63)), 63); },
  });
  EXPECT_FAILURE_SAFE(FailureWalk<Tables>{
      .setup = setup,
      .operation = [](Tables& t) { t.second = t.first; },
      .check = [](Tables& t) { EXPECT_EQ(t.second.size() % 64, 0u); },
  });
}

TEST(BytesFailureTest, PooledVectors) {
  struct Vectors {
    VectorPool<int> pool{"failing_vectors", {.max_size = 2}};
  };
  EXPECT_FAILURE_SAFE(FailureWalk<Vectors>{
      .operation =
          [](Vectors& v) {
            PooledVector<int> list = v.pool.Acquire();
            if (list) list->assign(100, 1);
            return list;
          },
      .check = [](Vectors& v) { EXPECT_EQ(v.pool.Stats().live, 0u); },
  });
}

}  // namespace
}  // namespace blixard::memory
