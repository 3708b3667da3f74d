#include "tests/simulation/virtual_disk.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace blixard::raft {

struct VirtualDisk::Inode {
  // What one unsynced change replaced: whole sectors from `offset` on, and the size before.
  struct Undo {
    uint64_t offset;
    uint64_t size_before;
    std::string bytes;
  };

  std::string data;
  std::vector<Undo> undo;  // since the last sync, in order

  void Remember(uint64_t offset, uint64_t end) {
    const uint64_t from = offset / kSectorBytes * kSectorBytes;
    const uint64_t to = (end + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
    const uint64_t have = std::min<uint64_t>(to, data.size());
    undo.push_back({.offset = from,
                    .size_before = data.size(),
                    .bytes = from < have ? data.substr(from, have - from) : ""});
    undo.back().bytes.resize(to - from, '\0');
  }

  // Takes back, newest first, a random part of what was not synced, sector by sector; once a newer
  // write of a sector stays, the older ones were there before it.
  void LosePower(SplitMix& random) {
    const uint64_t full = data.size();
    std::set<uint64_t> kept;
    uint64_t size = full;
    bool size_kept = false;
    for (auto change = undo.rbegin(); change != undo.rend(); ++change) {
      size_kept = size_kept || random.Below(2) == 0;
      if (!size_kept) size = change->size_before;
      for (uint64_t at = 0; at < change->bytes.size(); at += kSectorBytes) {
        const uint64_t sector = (change->offset + at) / kSectorBytes;
        if (kept.count(sector) != 0) continue;
        if (random.Below(2) == 0) {
          kept.insert(sector);
          continue;
        }
        if (data.size() < change->offset + at + kSectorBytes) {
          data.resize(change->offset + at + kSectorBytes, '\0');
        }
        std::memcpy(data.data() + change->offset + at, change->bytes.data() + at, kSectorBytes);
      }
    }
    data.resize(size, '\0');
    undo.clear();
  }
};

// One step in what names mean: `gone` means nothing any more, `path` means `inode`.
struct VirtualDisk::NameChange {
  std::string path;
  std::shared_ptr<Inode> inode;
  std::string gone;

  const std::string& AnyPath() const { return path.empty() ? gone : path; }

  void ApplyTo(std::map<std::string, std::shared_ptr<Inode>>& names) const {
    if (!gone.empty()) names.erase(gone);
    if (!path.empty()) names[path] = inode;
  }
};

namespace {

// Directly in the directory whose path with a slash is `prefix`.
bool IsIn(absl::string_view path, absl::string_view prefix) {
  return absl::StartsWith(path, prefix) && path.size() > prefix.size() &&
         path.find('/', prefix.size()) == absl::string_view::npos;
}

std::string WithSlash(const std::string& directory) {
  return absl::EndsWith(directory, "/") ? directory : absl::StrCat(directory, "/");
}

}  // namespace

class VirtualDisk::OpenFile final : public File {
 public:
  struct Handle {
    std::shared_ptr<Inode> inode;
    std::string path;
    bool writable = true;
  };
  OpenFile(VirtualDisk& disk, Handle handle)
      : disk_(disk),
        inode_(std::move(handle.inode)),
        path_(std::move(handle.path)),
        writable_(handle.writable),
        life_(disk.life_) {}

  absl::StatusOr<size_t> Read(uint64_t offset, absl::Span<char> into) override {
    if (Gone()) return disk_.Dead(path_);
    if (offset >= inode_->data.size()) return 0;
    const size_t count = std::min<uint64_t>(into.size(), inode_->data.size() - offset);
    std::memcpy(into.data(), inode_->data.data() + offset, count);
    return count;
  }

  absl::Status Write(uint64_t offset, absl::string_view bytes) override {
    if (Gone()) return disk_.Dead(path_);
    if (!writable_) return ReadOnly();
    const bool dies = disk_.NextChange() == Fate::kFail;
    if (dies) bytes = bytes.substr(0, bytes.size() / 2);
    const uint64_t end = offset + bytes.size();
    const uint64_t growth = end > inode_->data.size() ? end - inode_->data.size() : 0;
    if (growth > 0 && !disk_.HasRoom(growth)) return Full("write");
    inode_->Remember(std::min<uint64_t>(offset, inode_->data.size()), end);
    if (growth > 0) inode_->data.resize(end, '\0');
    disk_.used_bytes_ += growth;
    std::memcpy(inode_->data.data() + offset, bytes.data(), bytes.size());
    return dies ? disk_.Dead(path_) : absl::OkStatus();
  }

  absl::Status SyncData() override {
    if (Gone() || disk_.NextChange() == Fate::kFail) return disk_.Dead(path_);
    ++disk_.syncs_;
    if (Count(disk_.fail_sync_) == Fate::kFail) {
      disk_.sync_failed_ = true;
      return absl::UnknownError(absl::StrCat(path_, ": fdatasync: Input/output error"));
    }
    inode_->undo.clear();
    return absl::OkStatus();
  }

  absl::Status Allocate(uint64_t size_bytes) override {
    if (size_bytes <= inode_->data.size()) return absl::OkStatus();
    return Resize(size_bytes, "allocate");
  }

  absl::StatusOr<uint64_t> Size() override {
    if (Gone()) return disk_.Dead(path_);
    return inode_->data.size();
  }

  absl::Status Truncate(uint64_t size_bytes) override { return Resize(size_bytes, "truncate"); }

 private:
  bool Gone() const { return disk_.dead_ || life_ != disk_.life_; }

  absl::Status ReadOnly() const {
    return absl::PermissionDeniedError(absl::StrCat(path_, ": write: Bad file descriptor"));
  }

  absl::Status Full(absl::string_view operation) const {
    return absl::ResourceExhaustedError(
        absl::StrCat(path_, ": ", operation, ": No space left on device"));
  }

  absl::Status Resize(uint64_t size, absl::string_view operation) {
    if (!writable_) return ReadOnly();
    if (Gone() || disk_.NextChange() == Fate::kFail) return disk_.Dead(path_);
    const uint64_t old = inode_->data.size();
    if (size > old && !disk_.HasRoom(size - old)) return Full(operation);
    inode_->Remember(std::min(old, size), std::max(old, size));
    inode_->data.resize(size, '\0');
    disk_.used_bytes_ = disk_.used_bytes_ + size - old;
    return absl::OkStatus();
  }

  VirtualDisk& disk_;
  const std::shared_ptr<Inode> inode_;
  const std::string path_;
  const bool writable_;
  const uint64_t life_;
};

class VirtualDisk::HeldLock final : public DirectoryLock {
 public:
  HeldLock(VirtualDisk& disk, std::string path)
      : disk_(disk), path_(std::move(path)), life_(disk.life_) {}
  ~HeldLock() override {
    if (disk_.life_ == life_) disk_.locked_.erase(path_);
  }

 private:
  VirtualDisk& disk_;
  const std::string path_;
  const uint64_t life_;
};

VirtualDisk::VirtualDisk() = default;
VirtualDisk::~VirtualDisk() = default;

VirtualDisk::Fate VirtualDisk::Count(uint64_t& countdown) {
  if (countdown == 0) return Fate::kSucceed;
  return --countdown == 0 ? Fate::kFail : Fate::kSucceed;
}

VirtualDisk::Fate VirtualDisk::NextChange() {
  ++changes_;
  if (Count(die_at_) == Fate::kFail) dead_ = true;
  return dead_ ? Fate::kFail : Fate::kSucceed;
}

absl::Status VirtualDisk::Dead(absl::string_view path) const {
  return absl::AbortedError(absl::StrCat(path, ": the machine is off"));
}

void VirtualDisk::ChangeNames(NameChange change) {
  change.ApplyTo(names_);
  unsynced_names_.push_back(std::move(change));
  CountUsedBytes();
}

void VirtualDisk::CountUsedBytes() {
  used_bytes_ = 0;
  for (const auto& [path, inode] : names_) used_bytes_ += inode->data.size();
}

absl::StatusOr<std::unique_ptr<File>> VirtualDisk::Open(const std::string& path, OpenMode mode) {
  if (dead_) return Dead(path);
  const auto found = names_.find(path);
  if (mode == OpenMode::kCreate) {
    if (NextChange() == Fate::kFail) return Dead(path);
    if (found == names_.end()) {
      ChangeNames({.path = path, .inode = std::make_shared<Inode>(), .gone = ""});
    } else {
      found->second->Remember(0, found->second->data.size());
      found->second->data.clear();
      CountUsedBytes();
    }
  } else if (found == names_.end()) {
    return absl::NotFoundError(absl::StrCat(path, ": open: No such file or directory"));
  }
  return std::make_unique<OpenFile>(
      *this, OpenFile::Handle{
                 .inode = names_.at(path), .path = path, .writable = mode != OpenMode::kReadOnly});
}

absl::StatusOr<std::vector<std::string>> VirtualDisk::List(const std::string& directory) {
  if (dead_) return Dead(directory);
  if (directories_.count(directory) == 0) {
    return absl::NotFoundError(absl::StrCat(directory, ": open directory: no such directory"));
  }
  const std::string prefix = WithSlash(directory);
  std::vector<std::string> found;
  for (const auto& [path, inode] : names_) {
    if (IsIn(path, prefix)) found.push_back(path.substr(prefix.size()));
  }
  return found;
}

absl::Status VirtualDisk::Rename(const RenamePaths& paths) {
  if (dead_ || NextChange() == Fate::kFail) return Dead(paths.from);
  const auto found = names_.find(paths.from);
  if (found == names_.end()) {
    return absl::NotFoundError(absl::StrCat(paths.from, ": rename: No such file or directory"));
  }
  ChangeNames({.path = paths.to, .inode = found->second, .gone = paths.from});
  return absl::OkStatus();
}

absl::Status VirtualDisk::Remove(const std::string& path) {
  if (dead_ || NextChange() == Fate::kFail) return Dead(path);
  if (names_.count(path) == 0) {
    return absl::NotFoundError(absl::StrCat(path, ": remove: No such file or directory"));
  }
  ChangeNames({.path = "", .inode = nullptr, .gone = path});
  return absl::OkStatus();
}

absl::Status VirtualDisk::MakeDirectory(const std::string& path) {
  if (dead_ || NextChange() == Fate::kFail) return Dead(path);
  if (directories_.insert(path).second) unsynced_directories_.insert(path);
  return absl::OkStatus();
}

absl::Status VirtualDisk::SyncDirectory(const std::string& path) {
  if (dead_ || NextChange() == Fate::kFail) return Dead(path);
  ++syncs_;
  if (Count(fail_sync_) == Fate::kFail) {
    sync_failed_ = true;
    return absl::UnknownError(absl::StrCat(path, ": fsync of directory: Input/output error"));
  }
  const std::string prefix = WithSlash(path);
  std::erase_if(unsynced_directories_,
                [&prefix](const std::string& inner) { return IsIn(inner, prefix); });
  std::vector<NameChange> others;
  for (NameChange& change : unsynced_names_) {
    if (IsIn(change.AnyPath(), prefix)) {
      change.ApplyTo(durable_names_);
    } else {
      others.push_back(std::move(change));
    }
  }
  unsynced_names_ = std::move(others);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> VirtualDisk::FreeBytes(const std::string& directory) {
  if (dead_) return Dead(directory);
  return capacity_bytes_ > used_bytes_ ? capacity_bytes_ - used_bytes_ : 0;
}

absl::StatusOr<std::unique_ptr<DirectoryLock>> VirtualDisk::LockDirectory(const std::string& path) {
  if (dead_) return Dead(path);
  if (directories_.count(path) == 0) {
    return absl::NotFoundError(absl::StrCat(path, ": lock: No such file or directory"));
  }
  if (!locked_.insert(path).second) {
    return absl::UnavailableError(absl::StrCat(path, ": another process holds this directory"));
  }
  return std::make_unique<HeldLock>(*this, path);
}

void VirtualDisk::EndProcess() {
  locked_.clear();
  ++life_;
}

void VirtualDisk::Crash(SplitMix& random) {
  // Every inode that some name may mean, in an order that the seed decides alone.
  std::vector<std::shared_ptr<Inode>> inodes;
  const auto collect = [&inodes](const std::shared_ptr<Inode>& inode) {
    if (inode == nullptr) return;
    if (std::find(inodes.begin(), inodes.end(), inode) == inodes.end()) inodes.push_back(inode);
  };
  for (const auto& [path, inode] : durable_names_) collect(inode);
  for (const NameChange& change : unsynced_names_) collect(change.inode);
  const uint64_t kept = random.Below(unsynced_names_.size() + 1);
  for (uint64_t i = 0; i < kept; ++i) unsynced_names_[i].ApplyTo(durable_names_);
  for (const std::shared_ptr<Inode>& inode : inodes) inode->LosePower(random);
  unsynced_names_.clear();
  for (const std::string& directory : unsynced_directories_) {
    const std::string prefix = WithSlash(directory);
    std::erase_if(durable_names_,
                  [&prefix](const auto& name) { return absl::StartsWith(name.first, prefix); });
    directories_.erase(directory);
  }
  unsynced_directories_.clear();
  names_ = durable_names_;
  CountUsedBytes();
  EndProcess();
  dead_ = sync_failed_ = false;
  fail_sync_ = die_at_ = 0;
}

void VirtualDisk::FlipBit(const Place& place, uint32_t bit) {
  std::string& data = names_.at(place.path)->data;
  CHECK_LT(place.offset, data.size());
  data[place.offset] = static_cast<char>(data[place.offset] ^ (1u << (bit % 8)));
}

void VirtualDisk::Misdirect(const Place& from, uint64_t to) {
  std::string& data = names_.at(from.path)->data;
  const uint64_t source = from.offset / kSectorBytes * kSectorBytes;
  const uint64_t target = to / kSectorBytes * kSectorBytes;
  CHECK_LE(std::max(source, target) + kSectorBytes, data.size());
  std::memmove(data.data() + target, data.data() + source, kSectorBytes);
}

std::vector<std::string> VirtualDisk::Paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names_) paths.push_back(path);
  return paths;
}

absl::string_view VirtualDisk::Content(const std::string& path) const {
  return names_.at(path)->data;
}

}  // namespace blixard::raft
