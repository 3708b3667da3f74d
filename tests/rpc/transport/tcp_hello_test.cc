#include "rpc/transport/tcp_hello.h"

#include <gtest/gtest.h>

#include <string>

namespace blixard::rpc {
namespace {

const TcpHello kHello = {.cluster = raft::ClusterId{0x0102030405060708},
                         .from = raft::ReplicaId{9},
                         .to = raft::ReplicaId{10},
                         .address = "host:7009"};

std::string Encoded() {
  std::string bytes;
  AppendTcpHello(kHello, bytes);
  return bytes;
}

TEST(TcpHelloTest, ReadsWhatWasWritten) {
  const std::string bytes = Encoded();
  ASSERT_EQ(bytes.size(), kTcpHelloBytes + 9);
  EXPECT_EQ(*TcpHelloBytes(bytes.substr(0, kTcpHelloBytes)), bytes.size());
  const absl::StatusOr<TcpHello> hello = ReadTcpHello(bytes);
  ASSERT_TRUE(hello.ok()) << hello.status();
  EXPECT_EQ(hello->cluster, kHello.cluster);
  EXPECT_EQ(hello->from, kHello.from);
  EXPECT_EQ(hello->to, kHello.to);
  EXPECT_EQ(hello->address, kHello.address);
}

TEST(TcpHelloTest, IsLittleEndian) { EXPECT_EQ(Encoded()[8], 8); }

TEST(TcpHelloTest, RefusesEveryOtherNameAndVersion) {
  const std::string good = Encoded();
  for (size_t i = 0; i < 8; ++i) {
    std::string bad = good;
    bad[i] ^= 0x20;
    EXPECT_TRUE(absl::IsInvalidArgument(ReadTcpHello(bad).status())) << "byte " << i;
    EXPECT_TRUE(absl::IsInvalidArgument(TcpHelloBytes(bad).status())) << "byte " << i;
  }
}

}  // namespace
}  // namespace blixard::rpc
