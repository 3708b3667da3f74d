#include "raft/runtime/replica_config.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace blixard::raft {
namespace {

absl::Status Want(bool holds, absl::string_view field, absl::string_view expectation,
                  const absl::AlphaNum& value) {
  if (holds) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": want ", expectation, ", got ", value.Piece()));
}

}  // namespace

absl::Status ReplicaConfig::Validate() const {
  std::vector<ReplicaId> sorted = voters;
  std::sort(sorted.begin(), sorted.end());
  const bool distinct = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  const bool known = voters.empty() || std::find(voters.begin(), voters.end(), id) != voters.end();
  absl::Status checks[] = {
      Want(cluster != ClusterId{0}, "cluster", "an id above 0", 0),
      Want(id != kNoReplica, "id", "an id above 0", 0),
      Want(distinct && (voters.empty() || sorted.front() != kNoReplica), "voters",
           "distinct ids above 0", absl::StrCat(voters.size(), " ids")),
      Want(known, "id", "one of voters", static_cast<uint64_t>(id)),
      Want(tick >= absl::Milliseconds(1), "tick", "at least 1ms", absl::FormatDuration(tick)),
      Want(heartbeat_ticks > 0, "heartbeat_ticks", "above 0", heartbeat_ticks),
      Want(election_ticks > heartbeat_ticks, "election_ticks",
           absl::StrCat("above heartbeat_ticks = ", heartbeat_ticks), election_ticks),
      Want(max_queued_proposals > 0, "max_queued_proposals", "above 0", max_queued_proposals),
      Want(max_queued_reads > 0, "max_queued_reads", "above 0", max_queued_reads),
      Want(max_queued_messages > 0, "max_queued_messages", "above 0", max_queued_messages),
      Want(max_batch_bytes <= kLargestBatchBytes, "max_batch_bytes",
           absl::StrCat("at most ", kLargestBatchBytes), max_batch_bytes),
      Want(max_append_bytes <= kLargestAppendBytes, "max_append_bytes",
           absl::StrCat("at most ", kLargestAppendBytes), max_append_bytes),
      Want(max_request_bytes > 0 && max_request_bytes <= max_batch_bytes / 2, "max_request_bytes",
           absl::StrCat("1 to half of max_batch_bytes = ", max_batch_bytes), max_request_bytes),
      Want(max_append_bytes >= max_batch_bytes, "max_append_bytes",
           absl::StrCat("at least max_batch_bytes = ", max_batch_bytes), max_append_bytes),
      Want(max_inflight_messages > 0, "max_inflight_messages", "above 0", max_inflight_messages),
      Want(max_inflight_bytes >= max_append_bytes, "max_inflight_bytes",
           absl::StrCat("at least max_append_bytes = ", max_append_bytes), max_inflight_bytes),
      Want(max_uncommitted_bytes >= max_batch_bytes, "max_uncommitted_bytes",
           absl::StrCat("at least max_batch_bytes = ", max_batch_bytes), max_uncommitted_bytes),
      Want(max_unapplied_bytes >= max_batch_bytes, "max_unapplied_bytes",
           absl::StrCat("at least max_batch_bytes = ", max_batch_bytes), max_unapplied_bytes),
      Want(max_waiting_bytes >= max_batch_bytes, "max_waiting_bytes",
           absl::StrCat("at least max_batch_bytes = ", max_batch_bytes), max_waiting_bytes),
      Want(snapshot_entries > 0, "snapshot_entries", "above 0", snapshot_entries),
      Want(snapshot_bytes > 0, "snapshot_bytes", "above 0", snapshot_bytes),
      Want(snapshot_bytes_per_tick >= 64 * 1024, "snapshot_bytes_per_tick", "at least 65536",
           snapshot_bytes_per_tick),
  };
  for (absl::Status& check : checks) {
    if (!check.ok()) return std::move(check);
  }
  return absl::OkStatus();
}

}  // namespace blixard::raft
