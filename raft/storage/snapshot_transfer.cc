#include "raft/storage/snapshot_transfer.h"

#include "absl/strings/str_cat.h"
#include "raft/storage/snapshot_format.h"

namespace blixard::raft {
namespace {

absl::Status Bad(absl::string_view field, absl::string_view want, uint64_t got) {
  return absl::InvalidArgumentError(
      absl::StrCat("snapshot transfer: ", field, ": want ", want, ", got ", got));
}

}  // namespace

absl::Status SnapshotTransferOptions::Validate() const {
  if (chunk_bytes == 0 || chunk_bytes > kMaxSnapshotChunkBytes) {
    return Bad("chunk_bytes", absl::StrCat("1 to ", kMaxSnapshotChunkBytes), chunk_bytes);
  }
  if (window_bytes < chunk_bytes) {
    return Bad("window_bytes", absl::StrCat("at least chunk_bytes, ", chunk_bytes), window_bytes);
  }
  if (retry_ticks == 0) return Bad("retry_ticks", "above 0", retry_ticks);
  if (timeout_ticks <= retry_ticks) {
    return Bad("timeout_ticks", absl::StrCat("above retry_ticks, ", retry_ticks), timeout_ticks);
  }
  return absl::OkStatus();
}

}  // namespace blixard::raft
