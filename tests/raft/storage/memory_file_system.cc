#include "tests/raft/storage/memory_file_system.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace blixard::raft {
namespace {

// Whether `path` is directly in the directory whose path, with its slash, is `prefix`.
bool IsIn(absl::string_view path, absl::string_view prefix) {
  return absl::StartsWith(path, prefix) && path.size() > prefix.size() &&
         path.find('/', prefix.size()) == absl::string_view::npos;
}

std::string WithSlash(const std::string& directory) {
  return absl::EndsWith(directory, "/") ? directory : absl::StrCat(directory, "/");
}

}  // namespace

// From now on `path` means `inode` and `gone` means nothing; either name may be empty.
struct MemoryFileSystem::NameChange {
  std::string path;
  std::shared_ptr<MemoryInode> inode;
  std::string gone;

  void ApplyTo(std::map<std::string, std::shared_ptr<MemoryInode>>& names) const {
    if (!gone.empty()) names.erase(gone);
    if (!path.empty()) names[path] = inode;
  }
  const std::string& AnyPath() const { return path.empty() ? gone : path; }
};

class MemoryFileSystem::MemoryFile final : public File {
 public:
  MemoryFile(MemoryFileSystem& files, std::shared_ptr<MemoryInode> inode, std::string path,
             OpenMode mode)
      : files_(files),
        inode_(std::move(inode)),
        path_(std::move(path)),
        mode_(mode),
        life_(files.life_) {}

  absl::StatusOr<size_t> Read(uint64_t offset, absl::Span<char> into) override {
    const std::lock_guard lock(files_.mutex_);
    if (IsDead()) return files_.Dead(path_);
    if (offset >= inode_->size()) return size_t{0};
    return inode_->data().copy(into.data(), into.size(), offset);
  }

  absl::Status Write(uint64_t offset, absl::string_view bytes) override {
    const std::lock_guard lock(files_.mutex_);
    if (IsDead()) return files_.Dead(path_);
    if (mode_ == OpenMode::kReadOnly) return ReadOnly();
    if (!files_.HasRoom(*inode_, offset + bytes.size())) {
      const uint64_t end = files_.LargestSize(*inode_);
      if (offset < end) Put(offset, bytes.substr(0, end - offset));
      return DiskFull("write");
    }
    ++files_.writes_;
    if (files_.NextChange() == Fate::kFail) {
      Put(offset, bytes.substr(0, bytes.size() / 2));
      return files_.Dead(path_);
    }
    if (Count(files_.fail_write_) == Fate::kFail) {
      ++files_.failed_writes_;
      Put(offset, bytes.substr(0, bytes.size() / 2));
      return absl::UnknownError(absl::StrCat(path_, ": write: Input/output error"));
    }
    Put(offset, bytes);
    return absl::OkStatus();
  }

  absl::Status SyncData() override {
    const std::lock_guard lock(files_.mutex_);
    if (IsDead() || files_.NextChange() == Fate::kFail) return files_.Dead(path_);
    ++files_.syncs_;
    if (Count(files_.fail_sync_) == Fate::kFail) {
      ++files_.failed_syncs_;
      inode_->FailSync();
      return absl::UnknownError(absl::StrCat(path_, ": fdatasync: Input/output error"));
    }
    inode_->Sync();
    return absl::OkStatus();
  }

  absl::Status Allocate(uint64_t size_bytes) override {
    const std::lock_guard lock(files_.mutex_);
    if (mode_ == OpenMode::kReadOnly) return ReadOnly();
    if (IsDead() || files_.NextChange() == Fate::kFail) return files_.Dead(path_);
    if (!files_.HasRoom(*inode_, size_bytes)) return DiskFull("allocate");
    if (inode_->size() < size_bytes) Resize(size_bytes);
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> Size() override {
    const std::lock_guard lock(files_.mutex_);
    if (IsDead()) return files_.Dead(path_);
    return inode_->size();
  }

  absl::Status Truncate(uint64_t size_bytes) override {
    const std::lock_guard lock(files_.mutex_);
    if (mode_ == OpenMode::kReadOnly) return ReadOnly();
    if (IsDead() || files_.NextChange() == Fate::kFail) return files_.Dead(path_);
    if (!files_.HasRoom(*inode_, size_bytes)) return DiskFull("truncate");
    Resize(size_bytes);
    return absl::OkStatus();
  }

 private:
  void Put(uint64_t offset, absl::string_view bytes) {
    const uint64_t before = inode_->size();
    inode_->Put(offset, bytes);
    files_.used_bytes_ += inode_->size() - before;
  }

  void Resize(uint64_t size) {
    files_.used_bytes_ += size - inode_->size();  // modulo 2^64, should it shrink
    inode_->Resize(size);
  }

  absl::Status ReadOnly() const {
    return absl::UnknownError(absl::StrCat(path_, ": opened for reading only"));
  }

  bool IsDead() const { return files_.dead_ || files_.life_ != life_; }

  absl::Status DiskFull(absl::string_view operation) const {
    return absl::ResourceExhaustedError(
        absl::StrCat(path_, ": ", operation, ": No space left on device"));
  }

  MemoryFileSystem& files_;
  const std::shared_ptr<MemoryInode> inode_;
  const std::string path_;
  const OpenMode mode_;
  const uint64_t life_;
};

class MemoryFileSystem::MemoryLock final : public DirectoryLock {
 public:
  MemoryLock(MemoryFileSystem& files, std::string path)
      : files_(files), path_(std::move(path)), life_(files.life_) {}
  ~MemoryLock() override {
    const std::lock_guard lock(files_.mutex_);
    if (files_.life_ == life_) files_.locked_.erase(path_);
  }

 private:
  MemoryFileSystem& files_;
  const std::string path_;
  const uint64_t life_;
};

MemoryFileSystem::MemoryFileSystem() = default;
MemoryFileSystem::~MemoryFileSystem() = default;

void MemoryFileSystem::FailWrite(uint64_t calls) {
  const std::lock_guard lock(mutex_);
  fail_write_ = calls;
}

void MemoryFileSystem::FailSync(uint64_t calls) {
  const std::lock_guard lock(mutex_);
  fail_sync_ = calls;
}

void MemoryFileSystem::DieAt(uint64_t calls) {
  const std::lock_guard lock(mutex_);
  die_at_ = calls;
}

void MemoryFileSystem::set_capacity_bytes(uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_bytes_ = bytes;
}

uint64_t MemoryFileSystem::syncs() const {
  const std::lock_guard lock(mutex_);
  return syncs_;
}

uint64_t MemoryFileSystem::writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

MemoryFileSystem::Fate MemoryFileSystem::Count(uint64_t& countdown) {
  if (countdown == 0) return Fate::kSucceed;
  return --countdown == 0 ? Fate::kFail : Fate::kSucceed;
}

MemoryFileSystem::Fate MemoryFileSystem::NextChange() {
  if (Count(die_at_) == Fate::kFail) dead_ = true;
  return dead_ ? Fate::kFail : Fate::kSucceed;
}

absl::Status MemoryFileSystem::Dead(absl::string_view path) const {
  return absl::AbortedError(absl::StrCat(path, ": the machine is off"));
}

void MemoryFileSystem::ChangeNames(NameChange change) {
  change.ApplyTo(names_);
  unsynced_names_.push_back(std::move(change));
  CountUsedBytes();
}

bool MemoryFileSystem::HasRoom(const MemoryInode& inode, uint64_t size) const {
  return size <= inode.size() || size <= LargestSize(inode);
}

uint64_t MemoryFileSystem::LargestSize(const MemoryInode& inode) const {
  return inode.size() + (used_bytes_ < capacity_bytes_ ? capacity_bytes_ - used_bytes_ : 0);
}

uint64_t MemoryFileSystem::used_bytes() const {
  const std::lock_guard lock(mutex_);
  return used_bytes_;
}

void MemoryFileSystem::CountUsedBytes() {
  used_bytes_ = 0;
  for (const auto& [path, inode] : names_) used_bytes_ += inode->size();
}

absl::StatusOr<uint64_t> MemoryFileSystem::FreeBytes(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  if (dead_) return Dead(directory);
  return used_bytes_ < capacity_bytes_ ? capacity_bytes_ - used_bytes_ : 0;
}

absl::StatusOr<std::unique_ptr<File>> MemoryFileSystem::Open(const std::string& path,
                                                             OpenMode mode) {
  const std::lock_guard lock(mutex_);
  if (dead_) return Dead(path);
  const auto found = names_.find(path);
  if (found == names_.end() && mode != OpenMode::kCreate) {
    return absl::NotFoundError(absl::StrCat(path, ": open: No such file or directory"));
  }
  if (mode == OpenMode::kCreate) {
    if (NextChange() == Fate::kFail) return Dead(path);
    if (found == names_.end()) {
      ChangeNames({.path = path, .inode = std::make_shared<MemoryInode>(), .gone = ""});
    } else {
      found->second->Resize(0);
      CountUsedBytes();
    }
  }
  return std::make_unique<MemoryFile>(*this, names_.at(path), path, mode);
}

absl::StatusOr<std::vector<std::string>> MemoryFileSystem::List(const std::string& directory) {
  const std::lock_guard lock(mutex_);
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

absl::Status MemoryFileSystem::Rename(const RenamePaths& paths) {
  const std::lock_guard lock(mutex_);
  if (dead_ || NextChange() == Fate::kFail) return Dead(paths.from);
  const auto found = names_.find(paths.from);
  if (found == names_.end()) {
    return absl::NotFoundError(absl::StrCat(paths.from, ": rename: No such file or directory"));
  }
  ChangeNames({.path = paths.to, .inode = found->second, .gone = paths.from});
  return absl::OkStatus();
}

absl::Status MemoryFileSystem::Remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (dead_ || NextChange() == Fate::kFail) return Dead(path);
  if (names_.count(path) == 0) {
    return absl::NotFoundError(absl::StrCat(path, ": remove: No such file or directory"));
  }
  ChangeNames({.path = "", .inode = nullptr, .gone = path});
  return absl::OkStatus();
}

absl::Status MemoryFileSystem::MakeDirectory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (dead_ || NextChange() == Fate::kFail) return Dead(path);
  if (directories_.insert(path).second) unsynced_directories_.insert(path);
  return absl::OkStatus();
}

absl::Status MemoryFileSystem::SyncDirectory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (dead_ || NextChange() == Fate::kFail) return Dead(path);
  ++syncs_;
  if (Count(fail_sync_) == Fate::kFail) {
    ++failed_syncs_;
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

absl::StatusOr<std::unique_ptr<DirectoryLock>> MemoryFileSystem::LockDirectory(
    const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (dead_) return Dead(path);
  if (directories_.count(path) == 0) {
    return absl::NotFoundError(absl::StrCat(path, ": lock: No such file or directory"));
  }
  if (!locked_.insert(path).second) {
    return absl::UnavailableError(absl::StrCat(path, ": another process holds this directory"));
  }
  return std::make_unique<MemoryLock>(*this, path);
}

// Every inode that some name may mean, in an order that the history of the disk decides alone.
std::vector<std::shared_ptr<MemoryInode>> MemoryFileSystem::Inodes() const {
  std::vector<std::shared_ptr<MemoryInode>> inodes;
  const auto collect = [&inodes](const std::shared_ptr<MemoryInode>& inode) {
    if (inode == nullptr) return;
    if (std::find(inodes.begin(), inodes.end(), inode) == inodes.end()) inodes.push_back(inode);
  };
  for (const auto& [path, inode] : durable_names_) collect(inode);
  for (const NameChange& change : unsynced_names_) collect(change.inode);
  return inodes;
}

void MemoryFileSystem::ForgetUnsyncedDirectories() {
  for (const std::string& directory : unsynced_directories_) {
    const std::string prefix = WithSlash(directory);
    std::erase_if(durable_names_,
                  [&prefix](const auto& name) { return absl::StartsWith(name.first, prefix); });
    directories_.erase(directory);
  }
  unsynced_directories_.clear();
}

void MemoryFileSystem::Restart() {
  names_ = durable_names_;
  CountUsedBytes();
  locked_.clear();
  ++life_;
  dead_ = false;
  fail_write_ = fail_sync_ = die_at_ = 0;
}

void MemoryFileSystem::Crash(SplitMix* survivors) {
  const std::lock_guard lock(mutex_);
  const size_t kept = survivors == nullptr ? 0 : survivors->Below(unsynced_names_.size() + 1);
  for (const std::shared_ptr<MemoryInode>& inode : Inodes()) inode->LosePower(survivors);
  for (size_t i = 0; i < kept; ++i) unsynced_names_[i].ApplyTo(durable_names_);
  unsynced_names_.clear();
  ForgetUnsyncedDirectories();
  Restart();
}

void MemoryFileSystem::EndProcess(SplitMix* forgotten) {
  const std::lock_guard lock(mutex_);
  locked_.clear();
  ++life_;
  if (forgotten == nullptr) return;
  for (const std::shared_ptr<MemoryInode>& inode : Inodes()) inode->DropCache(*forgotten);
}

void MemoryFileSystem::Replace() {
  const std::lock_guard lock(mutex_);
  durable_names_.clear();
  unsynced_names_.clear();
  directories_ = {"/"};
  unsynced_directories_.clear();
  Restart();
}

bool MemoryFileSystem::dead() const {
  const std::lock_guard lock(mutex_);
  return dead_;
}

uint64_t MemoryFileSystem::failures() const {
  const std::lock_guard lock(mutex_);
  return failed_writes_ + failed_syncs_;
}

uint64_t MemoryFileSystem::failed_writes() const {
  const std::lock_guard lock(mutex_);
  return failed_writes_;
}

std::string MemoryFileSystem::Content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return names_.at(path)->data();
}

void MemoryFileSystem::SetContent(const std::string& path, absl::string_view content) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<MemoryInode>& inode = names_[path];
  if (inode == nullptr) inode = std::make_shared<MemoryInode>();
  inode->Set(content);
  durable_names_[path] = inode;
  CountUsedBytes();
}

void MemoryFileSystem::FlipBit(const std::string& path, uint64_t offset, uint32_t bit) {
  const std::lock_guard lock(mutex_);
  names_.at(path)->FlipBit(offset, bit);
}

void MemoryFileSystem::Misdirect(const std::string& path, uint64_t from, uint64_t to) {
  const std::lock_guard lock(mutex_);
  names_.at(path)->Misdirect(from, to);
}

std::vector<std::string> MemoryFileSystem::Paths() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names_) paths.push_back(path);
  return paths;
}

}  // namespace blixard::raft
