#include "raft/storage/snapshot_store.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/mutation.h"
#include "raft/storage/directory_path.h"
#include "raft/storage/snapshot_directory.h"
#include "raft/storage/snapshot_format.h"

namespace blixard::raft {
namespace {

constexpr absl::string_view kUnfinishedSuffix = ".unfinished";
constexpr absl::string_view kDamagedSuffix = ".damaged";

// Whether the file's content, not the disk, is to blame.
bool IsDamage(const absl::Status& status) { return absl::IsDataLoss(status); }

}  // namespace

absl::Status SnapshotStoreOptions::Validate() const {
  if (directory.empty()) {
    return absl::InvalidArgumentError("snapshots: directory: want a path, got \"\"");
  }
  if (writer.chunk_bytes < kMinSnapshotChunkBytes || writer.chunk_bytes > kMaxSnapshotChunkBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("snapshots: chunk_bytes: want ", kMinSnapshotChunkBytes, " to ",
                     kMaxSnapshotChunkBytes, ", got ", writer.chunk_bytes));
  }
  if (writer.max_pending_bytes < writer.chunk_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("snapshots: max_pending_bytes: want at least ",
                                                   writer.chunk_bytes, ", one chunk, got ",
                                                   writer.max_pending_bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<SnapshotStore>> SnapshotStore::Open(FileSystem& files,
                                                                   SnapshotStoreOptions options) {
  absl::Status status = options.Validate();
  if (status.ok()) status = files.MakeDirectory(options.directory);
  // Nothing of value may stand in a directory whose own name could vanish.
  if (status.ok()) status = files.SyncDirectory(ParentOf(options.directory));
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<DirectoryLock>> lock = files.LockDirectory(options.directory);
  if (!lock.ok()) return lock.status();
  std::unique_ptr<SnapshotStore> store(
      new SnapshotStore(files, std::move(options), *std::move(lock)));
  status = store->Recover();
  if (!status.ok()) return status;
  return store;
}

SnapshotStore::SnapshotStore(FileSystem& files, SnapshotStoreOptions options,
                             std::unique_ptr<DirectoryLock> lock)
    : files_(files), options_(std::move(options)), lock_(std::move(lock)) {}

absl::Status SnapshotStore::Recover() {
  const absl::StatusOr<std::vector<std::string>> names = files_.List(options_.directory);
  if (!names.ok()) return names.status();
  if (absl::Status swept = SweepNames(*names); !swept.ok()) return swept;
  for (const EntryId& last : SnapshotsAmong(*names)) {
    kept_.push_back({.last = last, .configuration = {}});
  }
  if (absl::Status checked = CheckAll(); !checked.ok()) return checked;
  // Whoever finds a snapshot here may empty the log behind it, so its name has to be durable: the
  // process before this one may have ended, or failed, between rename and sync.
  if (absl::Status synced = files_.SyncDirectory(options_.directory); !synced.ok()) return synced;
  return Prune();
}

// Files that were never finished go, and damaged ones beyond those kept to look at.
absl::Status SnapshotStore::SweepNames(const std::vector<std::string>& names) {
  size_t damaged = 0;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const bool surplus = absl::EndsWith(*name, kDamagedSuffix) && ++damaged > kKeptDamaged;
    if (!surplus && !absl::EndsWith(*name, kUnfinishedSuffix)) continue;
    if (absl::Status removed = files_.Remove(PathOf(*name)); !removed.ok()) return removed;
  }
  return absl::OkStatus();
}

// Reads the newest through; of the others header and footer, as they may have to serve when time
// is short.
absl::Status SnapshotStore::CheckAll() {
  bool newest = true;
  for (size_t place = 0; place < kept_.size();) {
    absl::StatusOr<std::unique_ptr<SnapshotReader>> reader = OpenFile(kept_[place].last);
    absl::Status status = reader.status();
    if (status.ok() && newest) status = (*reader)->Verify();
    if (IsDamage(status)) {
      if (absl::Status moved = SetAside(place, status); !moved.ok()) return moved;
      continue;
    }
    if (!status.ok()) return status;
    kept_[place] = (*reader)->meta();
    newest = false;
    ++place;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<SnapshotReader>> SnapshotStore::OpenFile(const EntryId& last) const {
  return OpenSnapshot({.files = files_, .path = options_.directory, .cluster = options_.cluster},
                      last);
}

absl::Status SnapshotStore::SetAside(size_t place, const absl::Status& reason) {
  const std::string name = SnapshotFileName(kept_[place].last);
  absl::Status status =
      files_.Rename({.from = PathOf(name), .to = PathOf(absl::StrCat(name, kDamagedSuffix))});
  if (status.ok()) status = files_.SyncDirectory(options_.directory);
  if (!status.ok()) return status;
  kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(place));
  const std::string instead =
      place < kept_.size() ? absl::StrCat("the snapshot of entry ", kept_[place].last.index.value,
                                          " takes its place: the log must go on from there")
                           : std::string("there is no older one: the log must go back to entry 1");
  damage_.push_back(absl::StrCat("snapshot ", PathOf(name),
                                 " is damaged and set aside: ", reason.message(), "; ", instead));
  return absl::OkStatus();
}

std::vector<std::string> SnapshotStore::damage() const {
  const std::lock_guard lock(mutex_);
  return damage_;
}

std::optional<SnapshotMeta> SnapshotStore::newest() const {
  const std::lock_guard lock(mutex_);
  if (kept_.empty()) return std::nullopt;
  return kept_.front();
}

std::optional<SnapshotMeta> SnapshotStore::NewestOf(const Stretch& entries) const {
  const std::lock_guard lock(mutex_);
  for (const SnapshotMeta& kept : kept_) {  // newest first
    if (kept.last.index <= entries.after) break;
    if (kept.last.index <= entries.through) return kept;
  }
  return std::nullopt;
}

std::optional<EntryId> SnapshotStore::fallback() const {
  const std::lock_guard lock(mutex_);
  if (kept_.size() < 2) return std::nullopt;
  return kept_[1].last;
}

absl::StatusOr<std::unique_ptr<SnapshotWriter>> SnapshotStore::Create(const SnapshotMeta& meta) {
  const absl::Status checked = CheckConfiguration(meta.configuration);
  if (!checked.ok() && !Mutated(Mutation::kS21StoresWithoutConfiguration)) return checked;
  std::string path;
  {
    const std::lock_guard lock(mutex_);
    if (!status_.ok()) return status_;
    path = PathOf(absl::StrCat(SnapshotFileName(meta.last), ".", ++files_made_, kUnfinishedSuffix));
  }
  absl::StatusOr<std::unique_ptr<File>> file = files_.Open(path, OpenMode::kCreate);
  if (!file.ok()) {
    const std::lock_guard lock(mutex_);
    return Keep(file.status());
  }
  SnapshotWriter::Place place{
      .adopt = [this, path, meta] { return Adopt(path, meta); },
      .abandon = [this, path](const absl::Status& failure) { Abandon(path, failure); },
      // A system that does not tell is not taken for full.
      .free_bytes = [this] { return files_.FreeBytes(options_.directory).value_or(UINT64_MAX); }};
  return std::make_unique<SnapshotWriter>(
      *std::move(file),
      SnapshotHeader{
          .cluster = options_.cluster, .meta = meta, .chunk_bytes = options_.writer.chunk_bytes},
      std::move(place), options_.writer);
}

absl::Status SnapshotStore::Adopt(const std::string& path, const SnapshotMeta& meta) {
  const std::lock_guard lock(mutex_);
  if (!status_.ok()) return status_;
  return Keep(Insert(path, meta));
}

absl::Status SnapshotStore::Insert(const std::string& path, const SnapshotMeta& meta) {
  absl::Status status = files_.Rename({.from = path, .to = PathOf(SnapshotFileName(meta.last))});
  if (!status.ok()) return status;
  // Final whatever it says, as every failed sync.
  status_.Update(files_.SyncDirectory(options_.directory));
  if (!status_.ok()) return status_;
  const auto older = [](const SnapshotMeta& kept, const SnapshotMeta& added) {
    return kept.last.index > added.last.index ||
           (kept.last.index == added.last.index && kept.last.term > added.last.term);
  };
  const auto place = std::lower_bound(kept_.begin(), kept_.end(), meta, older);
  if (place != kept_.end() && place->last == meta.last) {
    *place = meta;
  } else {
    kept_.insert(place, meta);
  }
  return Prune();
}

// Only after the directory was synced: the old ones go when the new one is there to stay.
absl::Status SnapshotStore::Prune() {
  while (kept_.size() > kKept) {
    absl::Status removed = files_.Remove(PathOf(SnapshotFileName(kept_.back().last)));
    if (!removed.ok()) return removed;
    kept_.pop_back();
  }
  return absl::OkStatus();
}

void SnapshotStore::Abandon(const std::string& path, const absl::Status& failure) {
  const std::lock_guard lock(mutex_);
  Keep(failure).IgnoreError();
  files_.Remove(path).IgnoreError();  // else the next Open removes it
}

absl::Status SnapshotStore::Keep(absl::Status status) {
  if (!absl::IsResourceExhausted(status)) status_.Update(status);
  return status;
}

absl::StatusOr<std::unique_ptr<SnapshotReader>> SnapshotStore::Open(const EntryId& last) const {
  return OpenFile(last);
}

absl::Status SnapshotStore::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::string SnapshotStore::PathOf(const std::string& name) const {
  return absl::StrCat(options_.directory, "/", name);
}

}  // namespace blixard::raft
