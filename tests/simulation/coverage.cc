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
                                                                       "disk_full_wait",
                                                                       "segment_recycled",

                                                                       "segment_inline",
                                                                       "partition_healed",
                                                                       "message_duplicated",
                                                                       "message_reordered",
                                                                       "request_repeated",
                                                                       "outcome_unknown",
                                                                       "cas_lost"};
  return kNames[static_cast<size_t>(rare)];
}

}  // namespace blixard::raft
