#include "raft/storage/segment_supply.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace blixard::raft {

std::string SegmentSupply::PathOf(const std::string& name) const {
  return absl::StrCat(options_.directory, "/", name);
}

absl::Status SegmentSupply::Adopt(const std::vector<std::string>& names) {
  std::lock_guard step(step_mutex_);
  for (const std::string& name : names) {
    absl::Status status;
    if (IsUnfinishedSegmentName(name)) status = files_.Remove(PathOf(name));
    if (ParseFreeSegmentName(name).has_value()) status = AdoptFree(name);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SegmentSupply::Discard(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!IsUnfinishedSegmentName(name) && !ParseFreeSegmentName(name).has_value()) continue;
    absl::Status status = files_.Remove(PathOf(name));
    if (!status.ok()) return status;
  }
  return files_.SyncDirectory(options_.directory);
}

absl::Status SegmentSupply::AdoptFree(const std::string& name) {
  next_number_ = std::max(next_number_, *ParseFreeSegmentName(name) + 1);
  const std::string path = PathOf(name);
  absl::StatusOr<std::unique_ptr<File>> file = files_.Open(path, OpenMode::kExisting);
  if (!file.ok()) return file.status();
  const absl::StatusOr<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  if (*size != options_.segment_bytes || ready() >= options_.max_free_segments) {
    return files_.Remove(path);
  }
  // Whether it was ever used cannot be seen from its name.
  AddReady({.file = *std::move(file), .path = path, .origin = SegmentOrigin::kRecycled});
  return absl::OkStatus();
}

void SegmentSupply::Retire(uint64_t sequence) {
  std::lock_guard lock(mutex_);
  retired_.push_back(sequence);
  UpdateWants();
}

bool SegmentSupply::Step() {
  std::lock_guard step(step_mutex_);
  if (!WantsStep()) return false;
  const std::optional<uint64_t> retired = TakeRetired();
  const absl::Status status = retired.has_value() ? GiveBack(*retired) : Fill();
  if (status.ok()) return WantsStep();
  failures_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

std::optional<uint64_t> SegmentSupply::TakeRetired() {
  std::lock_guard lock(mutex_);
  if (retired_.empty()) return std::nullopt;
  const uint64_t retired = retired_.front();
  retired_.pop_front();
  UpdateWants();
  return retired;
}

// What fails here leaves a file too many: the next start finds it and gives it back.
absl::Status SegmentSupply::GiveBack(uint64_t sequence) {
  if (ready() < options_.max_free_segments) return Recycle(sequence);
  return files_.Remove(SegmentPath(options_, sequence));
}

absl::Status SegmentSupply::Recycle(uint64_t sequence) {
  const std::string from = SegmentPath(options_, sequence);
  const std::string to = PathOf(FreeSegmentName(next_number_));
  absl::StatusOr<std::unique_ptr<File>> file = files_.Open(from, OpenMode::kExisting);
  if (!file.ok()) return file.status();
  const absl::StatusOr<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  if (*size != options_.segment_bytes) return files_.Remove(from);
  ++next_number_;
  absl::Status status = files_.Rename({.from = from, .to = to});
  // Synced before anybody writes into it: under its old name it must never hold anything new.
  if (status.ok()) status = files_.SyncDirectory(options_.directory);
  if (!status.ok()) return status;
  AddReady({.file = *std::move(file), .path = to, .origin = SegmentOrigin::kRecycled});
  return absl::OkStatus();
}

absl::Status SegmentSupply::Fill() {
  absl::Status status = unfinished_.file == nullptr ? BeginFile() : absl::OkStatus();
  if (status.ok()) status = FillPiece();
  if (status.ok() && unfinished_.filled == options_.segment_bytes) status = FinishFile();
  if (!status.ok()) Abandon();
  return status;
}

absl::Status SegmentSupply::BeginFile() {
  unfinished_.number = next_number_++;
  unfinished_.filled = 0;
  absl::StatusOr<std::unique_ptr<File>> file =
      files_.Open(PathOf(UnfinishedSegmentName(unfinished_.number)), OpenMode::kCreate);
  if (!file.ok()) return file.status();
  unfinished_.file = *std::move(file);
  return unfinished_.file->Allocate(options_.segment_bytes);
}

// Synced piece by piece, so that no sync of the log ever waits for much of this.
absl::Status SegmentSupply::FillPiece() {
  const uint64_t end = std::min(unfinished_.filled + kPieceBytes, options_.segment_bytes);
  absl::Status status = WriteZeros(*unfinished_.file, unfinished_.filled, end);
  if (status.ok()) status = unfinished_.file->SyncData();
  if (status.ok()) unfinished_.filled = end;
  return status;
}

absl::Status SegmentSupply::FinishFile() {
  const RenamePaths paths = {.from = PathOf(UnfinishedSegmentName(unfinished_.number)),
                             .to = PathOf(FreeSegmentName(unfinished_.number))};
  absl::Status status = files_.Rename(paths);
  if (status.ok()) status = files_.SyncDirectory(options_.directory);
  if (!status.ok()) return status;
  AddReady({.file = std::move(unfinished_.file), .path = paths.to});
  return absl::OkStatus();
}

// Its room may be what the disk lacks. Should this fail too, the next start removes it.
void SegmentSupply::Abandon() {
  unfinished_.file = nullptr;
  const absl::Status removed = files_.Remove(PathOf(UnfinishedSegmentName(unfinished_.number)));
  DLOG_IF(INFO, !removed.ok()) << removed;
}

absl::Status SegmentSupply::Ensure(size_t count) {
  if (ready() >= count) return absl::OkStatus();
  std::lock_guard step(step_mutex_);
  while (ready() < count) {
    if (const std::optional<uint64_t> retired = TakeRetired(); retired.has_value()) {
      if (!GiveBack(*retired).ok()) failures_.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    for (const size_t before = ready(); ready() == before;) {
      absl::Status status = Fill();
      if (!status.ok()) return status;
    }
    made_inline_.fetch_add(1, std::memory_order_relaxed);
  }
  return absl::OkStatus();
}

FreeSegment SegmentSupply::Take() {
  std::lock_guard lock(mutex_);
  CHECK(!ready_.empty()) << "no free segment: Ensure comes first";
  FreeSegment segment = std::move(ready_.front());
  ready_.pop_front();
  UpdateWants();
  return segment;
}

size_t SegmentSupply::ready() const {
  std::lock_guard lock(mutex_);
  return ready_.size();
}

void SegmentSupply::AddReady(FreeSegment segment) {
  std::lock_guard lock(mutex_);
  ready_.push_back(std::move(segment));
  UpdateWants();
}

void SegmentSupply::UpdateWants() {
  wants_step_.store(!retired_.empty() || ready_.empty(), std::memory_order_release);
}

}  // namespace blixard::raft
