#include "raft/runtime/replica_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace blixard::raft {
namespace {

ReplicaConfig Valid() {
  return {.cluster = ClusterId{1},
          .id = ReplicaId{2},
          .voters = {ReplicaId{1}, ReplicaId{2}, ReplicaId{3}}};
}

TEST(ReplicaConfigTest, DefaultsAreValid) { EXPECT_TRUE(Valid().Validate().ok()); }

TEST(ReplicaConfigTest, LargestBatchAndAppendAreValid) {
  ReplicaConfig config = Valid();
  config.max_batch_bytes = kLargestBatchBytes;
  config.max_request_bytes = kLargestBatchBytes / 2;
  config.max_append_bytes = kLargestAppendBytes;
  EXPECT_TRUE(config.Validate().ok()) << config.Validate();
}

TEST(ReplicaConfigTest, EachWrongFieldIsNamed) {
  struct Case {
    std::string field;
    std::function<void(ReplicaConfig&)> spoil;
  };
  for (const Case& c : std::vector<Case>{
           {"cluster", [](ReplicaConfig& config) { config.cluster = ClusterId{0}; }},
           {"id", [](ReplicaConfig& config) { config.id = kNoReplica; }},
           {"id", [](ReplicaConfig& config) { config.id = ReplicaId{9}; }},
           {"snapshot_entries", [](ReplicaConfig& config) { config.snapshot_entries = 0; }},
           {"snapshot_bytes", [](ReplicaConfig& config) { config.snapshot_bytes = 0; }},
           {"snapshot_bytes_per_tick",
            [](ReplicaConfig& config) { config.snapshot_bytes_per_tick = 1000; }},
           {"voters", [](ReplicaConfig& config) { config.voters.push_back(ReplicaId{1}); }},
           {"tick", [](ReplicaConfig& config) { config.tick = absl::ZeroDuration(); }},
           {"heartbeat_ticks", [](ReplicaConfig& config) { config.heartbeat_ticks = 0; }},
           {"election_ticks", [](ReplicaConfig& config) { config.election_ticks = 1; }},
           {"max_queued_proposals", [](ReplicaConfig& config) { config.max_queued_proposals = 0; }},
           {"max_request_bytes",
            [](ReplicaConfig& config) { config.max_request_bytes = config.max_batch_bytes; }},
           {"max_request_bytes",
            [](ReplicaConfig& config) { config.max_request_bytes = SIZE_MAX / 2 + 2; }},
           {"max_batch_bytes",
            [](ReplicaConfig& config) { config.max_batch_bytes = kLargestBatchBytes + 1; }},
           {"max_append_bytes", [](ReplicaConfig& config) { config.max_append_bytes = 1; }},
           {"max_append_bytes",
            [](ReplicaConfig& config) { config.max_append_bytes = kLargestAppendBytes + 1; }},
           {"max_inflight_bytes", [](ReplicaConfig& config) { config.max_inflight_bytes = 1; }},
           {"max_uncommitted_bytes",
            [](ReplicaConfig& config) { config.max_uncommitted_bytes = 1; }},
           {"max_unapplied_bytes", [](ReplicaConfig& config) { config.max_unapplied_bytes = 1; }},
           {"max_waiting_bytes", [](ReplicaConfig& config) { config.max_waiting_bytes = 1; }},
       }) {
    ReplicaConfig config = Valid();
    c.spoil(config);
    const absl::Status status = config.Validate();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.field;
    EXPECT_THAT(std::string(status.message()), ::testing::StartsWith(c.field + ": want"));
  }
}

}  // namespace
}  // namespace blixard::raft
