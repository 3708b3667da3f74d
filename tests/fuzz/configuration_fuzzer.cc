// Configurations and their changes (raft/core/configuration_codec.h).
#include <glog/logging.h>

#include <string>
#include <vector>

#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"
#include "tests/fuzz/fuzz_target.h"

namespace blixard::fuzz {

using raft::ReplicaId;

void FuzzOne(absl::string_view bytes) {
  const absl::StatusOr<raft::Configuration> configuration = raft::DecodeConfiguration(bytes);
  if (configuration.ok()) {
    CHECK(raft::Encode(*configuration) == bytes) << raft::ToString(*configuration);
    CHECK(raft::CheckConfiguration(*configuration).ok());
  }
  const absl::StatusOr<raft::ConfigurationChange> change = raft::DecodeConfigurationChange(bytes);
  if (change.ok()) CHECK(raft::Encode(*change) == bytes) << "a change has two encodings";
}

std::vector<std::string> Seeds() {
  const std::vector<ReplicaId> three = {ReplicaId{1}, ReplicaId{2}, ReplicaId{3}};
  return {raft::Encode(raft::Configuration{.voters = three}),
          raft::Encode(raft::Configuration{.voters = three, .learners = {ReplicaId{9}}}),
          raft::Encode(raft::Configuration{.voters = {ReplicaId{2}, ReplicaId{4}},
                                           .outgoing = three,
                                           .learners = {ReplicaId{9}},
                                           .learners_next = {ReplicaId{1}},
                                           .auto_leave = true,
                                           .addresses = {{ReplicaId{4}, "host:7004"}}}),
          raft::Encode(raft::ConfigurationChange{}),
          raft::Encode(raft::ConfigurationChange{
              .transition = raft::Transition::kJointExplicit,
              .changes = {
                  {.type = raft::MemberChangeType::kAddVoter, .id = ReplicaId{4}, .address = "h:4"},
                  {.type = raft::MemberChangeType::kRemove, .id = ReplicaId{1}}}})};
}

}  // namespace blixard::fuzz
