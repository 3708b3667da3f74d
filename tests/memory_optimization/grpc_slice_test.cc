#include "memory_optimization/grpc_slice.h"

#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "memory_optimization/buffer_pool.h"

namespace blixard::memory {
namespace {

absl::string_view ViewOf(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

TEST(GrpcSliceTest, BytesBecomeASliceOfTheSameMemory) {
  BufferPool pool;
  Bytes bytes = Bytes::CopyOf(std::string(1000, 'x'), pool).value().Slice(100, 500);
  const char* data = bytes.data();
  {
    const grpc::Slice slice = ToGrpcSlice(std::move(bytes));
    EXPECT_EQ(ViewOf(slice), std::string(500, 'x'));
    EXPECT_EQ(reinterpret_cast<const char*>(slice.begin()), data);
    const grpc::Slice part = slice.sub(10, 200);
    EXPECT_EQ(reinterpret_cast<const char*>(part.begin()), data + 10);
    EXPECT_EQ(pool.Stats().live, 1u);
  }
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(GrpcSliceTest, ALiteralKeepsNothing) {
  static constexpr char kLiteral[] = "a literal that is longer than what a slice carries inside";
  const grpc::Slice slice = ToGrpcSlice(Bytes::FromStatic(kLiteral));
  EXPECT_EQ(reinterpret_cast<const char*>(slice.begin()), kLiteral);
}

TEST(GrpcSliceTest, ShortBytesTravelInsideTheSlice) {
  BufferPool pool;
  const grpc::Slice slice = ToGrpcSlice(Bytes::CopyOf("short", pool).value());
  EXPECT_EQ(ViewOf(slice), "short");
  EXPECT_EQ(pool.Stats().live, 0u);
  EXPECT_EQ(ToGrpcSlice(Bytes()).size(), 0u);
}

TEST(GrpcSliceTest, ASliceBecomesBytesOfTheSameMemory) {
  grpc::Slice slice(std::string(1000, 'y'));
  const auto* data = reinterpret_cast<const char*>(slice.begin());
  Bytes bytes = FromGrpcSlice(std::move(slice)).value();
  EXPECT_EQ(bytes.data(), data);
  bytes.RemovePrefix(999);
  EXPECT_EQ(bytes, "y");
  EXPECT_GE(bytes.retained_bytes(), 1000u);
}

TEST(GrpcSliceTest, AnInlinedSliceBecomesBytes) {
  const Bytes bytes = FromGrpcSlice(grpc::Slice(std::string("short"))).value();
  EXPECT_EQ(bytes, "short");
  EXPECT_TRUE(FromGrpcSlice(grpc::Slice()).value().empty());
}

TEST(GrpcSliceTest, ThereAndBackIsTheSameMemory) {
  BufferPool pool;
  Bytes bytes = Bytes::CopyOf(std::string(100, 'z'), pool).value();
  const char* data = bytes.data();
  bytes = FromGrpcSlice(ToGrpcSlice(std::move(bytes))).value();
  EXPECT_EQ(bytes.data(), data);
  bytes = Bytes();
  EXPECT_EQ(pool.Stats().live, 0u);
}

TEST(GrpcSliceTest, AByteBufferIsMadeOfSlicesWithoutACopy) {
  BufferPool pool;
  const Bytes head = Bytes::CopyOf(std::string(100, 'h'), pool).value();
  const Bytes body = Bytes::CopyOf(std::string(5000, 'b'), pool).value();
  const std::vector<grpc::Slice> parts = {ToGrpcSlice(head), ToGrpcSlice(body)};
  const grpc::ByteBuffer message(parts.data(), parts.size());
  std::vector<grpc::Slice> dumped;
  ASSERT_TRUE(message.Dump(&dumped).ok());
  ASSERT_EQ(dumped.size(), 2u);
  EXPECT_EQ(reinterpret_cast<const char*>(dumped[1].begin()), body.data());
}

}  // namespace
}  // namespace blixard::memory
