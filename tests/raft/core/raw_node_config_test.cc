#include "raft/core/raw_node_config.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

TEST(RawNodeConfigTest, DefaultsAreValid) { EXPECT_TRUE(ConfigOfOne().Validate().ok()); }

TEST(RawNodeConfigTest, LeaseThatCanLastIsValid) {
  RawNodeConfig config = ConfigOfOne();
  config.lease = {.enabled = true, .clock_error_ticks = config.election_ticks - 3};
  EXPECT_TRUE(config.Validate().ok());
}

TEST(RawNodeConfigTest, NamesFieldExpectationAndValue) {
  struct Case {
    std::function<void(RawNodeConfig&)> spoil;
    absl::string_view want;
  };
  using Config = RawNodeConfig;
  for (const Case& c : std::vector<Case>{
           {[](Config& c) { c.cluster = ClusterId{0}; }, "cluster: want > 0, got 0"},
           {[](Config& c) { c.id = kNoReplica; }, "id: want > 0, got 0"},
           {[](Config& c) { c.priority = 9; }, "priority: want 0 to 8, got 9"},
           {[](Config& c) { c.lease = {.enabled = true}; },
            "lease.clock_error_ticks: want 1 to 7 (election_ticks - 3), got 0"},
           {[](Config& c) { c.lease = {.enabled = true, .clock_error_ticks = 8}; },
            "lease.clock_error_ticks: want 1 to 7 (election_ticks - 3), got 8"},
           {[](Config& c) { c.lease.enabled = true, c.check_quorum = false; },
            "lease.enabled: want false without check_quorum, got true"},
           {[](Config& c) { c.max_entry_bytes = 0; },
            "max_entry_bytes: want 1 to 1073741824, got 0"},
           {[](Config& c) { c.max_applying_bytes = 0; }, "max_applying_bytes: want > 0, got 0"},
           {[](Config& c) { c.max_waiting_bytes = 0; }, "max_waiting_bytes: want > 0, got 0"},
           {[](Config& c) { c.max_pending_reads = 0; }, "max_pending_reads: want > 0, got 0"},
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
    RawNodeConfig config = ConfigOfOne();
    c.spoil(config);
    const absl::Status status = config.Validate();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), c.want);
  }
}

}  // namespace
}  // namespace blixard::raft
