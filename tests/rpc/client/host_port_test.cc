#include "rpc/client/host_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace blixard::rpc {
namespace {

TEST(HostPortTest, HostAndPortAreTaken) {
  for (const char* good : {"127.0.0.1:1", "localhost:65535", "[::1]:7001", "node-1.example:80"}) {
    EXPECT_TRUE(CheckHostPort("--listen", good).ok()) << good;
  }
}

TEST(HostPortTest, EverythingElseIsNamed) {
  for (const char* bad :
       {"", ":", ":80", "host", "host:", "host:0", "host:65536", "host:-1", "host:80x"}) {
    const absl::Status status = CheckHostPort("--listen", bad);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(
        std::string(status.message()),
        ::testing::AllOf(::testing::StartsWith("--listen: want"), ::testing::HasSubstr(bad)));
  }
}

}  // namespace
}  // namespace blixard::rpc
