#include "raft/core/raw_node_config.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

TEST(RawNodeConfigTest, DefaultsAreValid) {
  EXPECT_TRUE(ConfigOfOne(1).Validate().ok());
  EXPECT_TRUE(ConfigOfOne(kMaxVoters).Validate().ok());
}

TEST(RawNodeConfigTest, NamesFieldExpectationAndValue) {
  struct Case {
    std::function<void(RawNodeConfig&)> spoil;
    absl::string_view want;
  };
  using Config = RawNodeConfig;
  for (const Case& c : std::vector<Case>{
           {[](Config& c) { c.cluster = ClusterId{0}; }, "cluster: want > 0, got 0"},
           {[](Config& c) { c.voters.clear(); }, "voters: want 1 to 31 of them, got 0"},
           {[](Config& c) { c.voters.push_back(kNoReplica); }, "voters: want every id > 0, got 0"},
           {[](Config& c) { c.voters.push_back(ReplicaId{2}); },
            "voters: want every id once, got 2 twice"},
           {[](Config& c) { c.id = ReplicaId{9}; }, "id: want one of the voters, got 9"},
           {[](Config& c) { c.heartbeat_ticks = 0; }, "heartbeat_ticks: want > 0, got 0"},
           {[](Config& c) { c.election_ticks = 1; },
            "election_ticks: want > heartbeat_ticks (1), got 1"},
           {[](Config& c) { c.election_ticks = 1'000'001; },
            "election_ticks: want <= 1000000, got 1000001"},
           {[](Config& c) { c.max_append_bytes = 0; }, "max_append_bytes: want > 0, got 0"},
           {[](Config& c) { c.max_inflight_messages = 0; },
            "max_inflight_messages: want 1 to 65536, got 0"},
           {[](Config& c) { c.max_inflight_bytes = 5; },
            "max_inflight_bytes: want >= max_append_bytes (1048576), got 5"},
           {[](Config& c) { c.max_uncommitted_bytes = 0; },
            "max_uncommitted_bytes: want > 0, got 0"},
           {[](Config& c) { c.max_committed_bytes_per_ready = 0; },
            "max_committed_bytes_per_ready: want > 0, got 0"}}) {
    SCOPED_TRACE(c.want);
    RawNodeConfig config = ConfigOfOne(3);
    c.spoil(config);
    const absl::Status status = config.Validate();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), c.want);
  }
}

}  // namespace
}  // namespace blixard::raft
