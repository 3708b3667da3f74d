#include "raft/core/raw_node_config.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace blixard::raft {
namespace {

absl::Status ValidateIdentity(const RawNodeConfig& config) {
  if (config.cluster == ClusterId{0}) {
    return absl::InvalidArgumentError("cluster: want > 0, got 0");
  }
  if (config.id == kNoReplica) return absl::InvalidArgumentError("id: want > 0, got 0");
  if (config.priority > kHighestPriority) {
    return absl::InvalidArgumentError(
        absl::StrCat("priority: want 0 to ", kHighestPriority, ", got ", config.priority));
  }
  return absl::OkStatus();
}

absl::Status ValidateLease(const RawNodeConfig& config) {
  if (!config.lease.enabled) return absl::OkStatus();
  if (!config.check_quorum) {
    return absl::InvalidArgumentError("lease.enabled: want false without check_quorum, got true");
  }
  // Ticks come at any moment of their period, on both sides: that is two more.
  if (config.lease.clock_error_ticks == 0 ||
      config.lease.clock_error_ticks + 3 > config.election_ticks) {
    return absl::InvalidArgumentError(
        absl::StrCat("lease.clock_error_ticks: want 1 to ", config.election_ticks - 3,
                     " (election_ticks - 3), got ", config.lease.clock_error_ticks));
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
  // The longest election timeout, with the lowest priority, must still be a uint32_t.
  constexpr uint32_t kMaxElectionTicks = 1'000'000;
  if (config.election_ticks > kMaxElectionTicks) {
    return absl::InvalidArgumentError(absl::StrCat("election_ticks: want <= ", kMaxElectionTicks,
                                                   ", got ", config.election_ticks));
  }
  return absl::OkStatus();
}

absl::Status ValidateLimits(const RawNodeConfig& config) {
  constexpr size_t kMaxEntryBytes = size_t{1} << 30;  // frames have a length of 32 bits
  if (config.max_entry_bytes == 0 || config.max_entry_bytes > kMaxEntryBytes) {
    return absl::InvalidArgumentError(absl::StrCat("max_entry_bytes: want 1 to ", kMaxEntryBytes,
                                                   ", got ", config.max_entry_bytes));
  }
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
  if (config.max_applying_bytes == 0) {
    return absl::InvalidArgumentError("max_applying_bytes: want > 0, got 0");
  }
  if (config.max_waiting_bytes == 0) {
    return absl::InvalidArgumentError("max_waiting_bytes: want > 0, got 0");
  }
  if (config.max_pending_reads == 0) {
    return absl::InvalidArgumentError("max_pending_reads: want > 0, got 0");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RawNodeConfig::Validate() const {
  if (absl::Status status = ValidateIdentity(*this); !status.ok()) return status;
  if (absl::Status status = ValidateTicks(*this); !status.ok()) return status;
  if (absl::Status status = ValidateLease(*this); !status.ok()) return status;
  return ValidateLimits(*this);
}

}  // namespace blixard::raft
