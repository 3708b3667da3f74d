#include "raft/core/raw_node_config.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace blixard::raft {
namespace {

absl::Status ValidateMembers(const RawNodeConfig& config) {
  if (config.cluster == ClusterId{0}) {
    return absl::InvalidArgumentError("cluster: want > 0, got 0");
  }
  if (config.voters.empty() || config.voters.size() > kMaxVoters) {
    return absl::InvalidArgumentError(
        absl::StrCat("voters: want 1 to ", kMaxVoters, " of them, got ", config.voters.size()));
  }
  std::vector<ReplicaId> sorted = config.voters;
  std::sort(sorted.begin(), sorted.end());
  if (sorted.front() == kNoReplica) {
    return absl::InvalidArgumentError("voters: want every id > 0, got 0");
  }
  const auto twin = std::adjacent_find(sorted.begin(), sorted.end());
  if (twin != sorted.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("voters: want every id once, got ", static_cast<uint64_t>(*twin), " twice"));
  }
  if (!std::binary_search(sorted.begin(), sorted.end(), config.id)) {
    return absl::InvalidArgumentError(
        absl::StrCat("id: want one of the voters, got ", static_cast<uint64_t>(config.id)));
  }
  return absl::OkStatus();
}

absl::Status ValidateTicks(const RawNodeConfig& config) {
  if (config.heartbeat_ticks == 0) {
    return absl::InvalidArgumentError("heartbeat_ticks: want > 0, got 0");
  }
  if (config.election_ticks <= config.heartbeat_ticks) {
    return absl::InvalidArgumentError(absl::StrCat("election_ticks: want > heartbeat_ticks (",
                                                   config.heartbeat_ticks, "), got ",
                                                   config.election_ticks));
  }
  // Twice the election timeout must still be a uint32_t.
  constexpr uint32_t kMaxElectionTicks = 1'000'000;
  if (config.election_ticks > kMaxElectionTicks) {
    return absl::InvalidArgumentError(absl::StrCat("election_ticks: want <= ", kMaxElectionTicks,
                                                   ", got ", config.election_ticks));
  }
  return absl::OkStatus();
}

absl::Status ValidateLimits(const RawNodeConfig& config) {
  if (config.max_append_bytes == 0) {
    return absl::InvalidArgumentError("max_append_bytes: want > 0, got 0");
  }
  constexpr uint32_t kMaxInflightMessages = 65'536;  // the window is allocated at once
  if (config.max_inflight_messages == 0 || config.max_inflight_messages > kMaxInflightMessages) {
    return absl::InvalidArgumentError(absl::StrCat("max_inflight_messages: want 1 to ",
                                                   kMaxInflightMessages, ", got ",
                                                   config.max_inflight_messages));
  }
  if (config.max_inflight_bytes < config.max_append_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("max_inflight_bytes: want >= max_append_bytes (",
                                                   config.max_append_bytes, "), got ",
                                                   config.max_inflight_bytes));
  }
  if (config.max_uncommitted_bytes == 0) {
    return absl::InvalidArgumentError("max_uncommitted_bytes: want > 0, got 0");
  }
  if (config.max_committed_bytes_per_ready == 0) {
    return absl::InvalidArgumentError("max_committed_bytes_per_ready: want > 0, got 0");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RawNodeConfig::Validate() const {
  if (absl::Status status = ValidateMembers(*this); !status.ok()) return status;
  if (absl::Status status = ValidateTicks(*this); !status.ok()) return status;
  return ValidateLimits(*this);
}

}  // namespace blixard::raft
