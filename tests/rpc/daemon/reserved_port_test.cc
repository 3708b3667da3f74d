#include "rpc/daemon/reserved_port.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace blixard::rpc {
namespace {

TEST(ReservedPortTest, HeldPortsAreDifferent) {
  std::vector<ReservedPort> held;
  std::set<std::string> addresses;
  for (int i = 0; i < 50; ++i) {
    absl::StatusOr<ReservedPort> port = ReservedPort::Take();
    ASSERT_TRUE(port.ok()) << port.status();
    EXPECT_TRUE(addresses.insert(port->address()).second) << port->address() << " twice";
    EXPECT_EQ(port->address().rfind("127.0.0.1:", 0), 0u);
    held.push_back(*std::move(port));
  }
}

}  // namespace
}  // namespace blixard::rpc
