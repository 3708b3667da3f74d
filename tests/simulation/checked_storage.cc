#include "tests/simulation/checked_storage.h"

namespace blixard::raft {

absl::Status CheckedStorage::Append(const std::optional<HardState>& hard_state,
                                    absl::Span<const Entry> entries) {
  checks_.OnStoreBegin(replica_, {.snapshot = {}, .hard_state = hard_state, .entries = entries});
  const LogStorageStats before = storage_->stats();
  const absl::Status appended = storage_->Append(hard_state, entries);
  const LogStorageStats after = storage_->stats();
  if (after.segments_inline > before.segments_inline) coverage_.Hit(Rare::kSegmentInline);
  if (after.segments_recycled > before.segments_recycled) coverage_.Hit(Rare::kSegmentRecycled);
  if (absl::IsResourceExhausted(appended) || absl::IsInvalidArgument(appended)) {
    checks_.OnStoreRefused(replica_);
    return appended;
  }
  unsynced_.push_back({.hard_state = hard_state, .entries = {entries.begin(), entries.end()}});
  return appended;
}

absl::Status CheckedStorage::CompactThrough(EntryId through) {
  checks_.OnCompacted(replica_, through);
  const absl::Status compacted = storage_->CompactThrough(through);
  if (compacted.ok()) coverage_.Hit(Rare::kLogCompacted);
  return compacted;
}

absl::Status CheckedStorage::InstallSnapshot(EntryId last, const HardState& hard_state) {
  HardState state = hard_state;
  state.commit = last.index;
  const SafetyChecks::Stored stored{.snapshot = last, .hard_state = state, .entries = {}};
  checks_.OnStoreBegin(replica_, stored);
  if (absl::Status installed = storage_->InstallSnapshot(last, hard_state); !installed.ok()) {
    if (absl::IsResourceExhausted(installed)) checks_.OnStoreRefused(replica_);
    return installed;
  }
  // It is durable, and what was appended and not synced is gone with the log.
  for (size_t i = 0; i < unsynced_.size(); ++i) checks_.OnStoreRefused(replica_);
  unsynced_.clear();
  checks_.OnStored(replica_, stored);
  coverage_.Hit(Rare::kSnapshotInstalled);
  return absl::OkStatus();
}

absl::Status CheckedStorage::Sync() {
  if (absl::Status synced = storage_->Sync(); !synced.ok()) return synced;
  for (const Step& step : unsynced_) {
    const bool replaced = checks_.OnStored(
        replica_, {.snapshot = {}, .hard_state = step.hard_state, .entries = step.entries});
    if (replaced) coverage_.Hit(Rare::kLogTruncated);
  }
  unsynced_.clear();
  return absl::OkStatus();
}

}  // namespace blixard::raft
