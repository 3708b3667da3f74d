#include "tests/simulation/coverage.h"

namespace blixard::raft {

absl::string_view RareName(Rare rare) {
  static constexpr std::array<absl::string_view, kRareCount> kNames = {"leader_elected",
                                                                       "leader_deposed",
                                                                       "pre_vote_refused",
                                                                       "vote_refused",
                                                                       "append_refused",
                                                                       "log_truncated",
                                                                       "crash",
                                                                       "crash_in_write",
                                                                       "torn_tail_cut",
                                                                       "failed_sync_stop",
                                                                       "restart_after_failed_sync",
                                                                       "disk_harmed",
                                                                       "damage_refused",
                                                                       "snapshot_set_aside",
                                                                       "disk_lost",
                                                                       "loss_told",
                                                                       "lost_replica_rejoined",
                                                                       "disk_full_wait",
                                                                       "space_refusal",
                                                                       "segment_recycled",
                                                                       "segment_inline",
                                                                       "log_compacted",
                                                                       "snapshot_written",
                                                                       "snapshot_sent",
                                                                       "snapshot_piece_lost",
                                                                       "snapshot_delivered",
                                                                       "snapshot_installed",
                                                                       "snapshot_restored",
                                                                       "joint_entered",
                                                                       "joint_left",
                                                                       "member_added",
                                                                       "member_removed",
                                                                       "leader_removed",
                                                                       "transfer_done",
                                                                       "read_answered",
                                                                       "read_by_follower",
                                                                       "read_refused",
                                                                       "read_by_lease",
                                                                       "partition_healed",
                                                                       "message_duplicated",
                                                                       "message_reordered",
                                                                       "request_repeated",
                                                                       "session_lost",
                                                                       "outcome_unknown",
                                                                       "cas_lost"};
  return kNames[static_cast<size_t>(rare)];
}

}  // namespace blixard::raft
