// In steady state bytes never reach the heap, whoever owns the memory.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "memory_optimization/bytes.h"
#include "memory_optimization/bytes_mut.h"
#include "memory_optimization/bytes_reader.h"
#include "memory_optimization/bytes_writer.h"
#include "memory_optimization/expect_allocations.h"

namespace blixard::memory {
namespace {

TEST(BytesAllocationTest, WritingFreezingAndReadingAMessageAllocatesNothing) {
  const std::string body(10'000, 'b');
  const auto travel = [&body] {
    BytesMut out;
    BytesWriter writer(out);
    writer.Put(uint64_t{7});
    writer.PutSized("name");
    writer.PutSized(body);
    BytesReader reader(std::move(out).Freeze());
    const bool as_written = reader.Get<uint64_t>("id") == 7 &&
                            reader.GetSized(100, "name") == "name" &&
                            reader.GetSizedBytes(1 << 20, "body") == body;
    EXPECT_TRUE(as_written && reader.Finish().ok());
  };
  travel();
  EXPECT_ALLOCATIONS(0, { travel(); });
}

TEST(BytesAllocationTest, ForeignMemoryNeedsNoAllocationToBeOwned) {
  static const char kMemory[] = "memory of somebody else";
  const auto own = [] {
    int released = 0;
    {
      const Bytes bytes = Bytes::FromExternal(kMemory, [&released] { ++released; }).value();
      EXPECT_EQ(bytes.size(), sizeof(kMemory) - 1);
    }
    EXPECT_EQ(released, 1);
  };
  own();
  EXPECT_ALLOCATIONS(0, { own(); });
}

TEST(BytesAllocationTest, CompactingIntoAPooledBlockAllocatesNothing) {
  const std::string large(100'000, 'x');
  const auto compact = [&large] {
    Bytes slice = Bytes::CopyOf(large).value().Slice(7, 10);
    EXPECT_TRUE(slice.Compact().ok());
  };
  compact();
  EXPECT_ALLOCATIONS(0, { compact(); });
}

}  // namespace
}  // namespace blixard::memory
