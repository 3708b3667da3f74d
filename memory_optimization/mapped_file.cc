#include "memory_optimization/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace blixard::memory {
namespace {

absl::Status SystemError(const std::string& path, absl::string_view operation) {
  const int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat(path, ": ", operation));
}

int Advice(MappedAccess access) {
  switch (access) {
    case MappedAccess::kNormal:
      return MADV_NORMAL;
    case MappedAccess::kRandom:
      return MADV_RANDOM;
    case MappedAccess::kSequential:
      return MADV_SEQUENTIAL;
  }
  return MADV_NORMAL;
}

}  // namespace

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path, MappedAccess access) {
  MappedFile file(path);  // owns the descriptor from the start
  do {
    // A FIFO without a writer would block without O_NONBLOCK; regular files do not care.
    file.fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (file.fd_ < 0 && errno == EINTR);
  if (file.fd_ < 0) return SystemError(path, "open");
  if (absl::Status mapped = file.Map(access); !mapped.ok()) return mapped;
  return file;
}

absl::Status MappedFile::Map(MappedAccess access) {
  struct stat status;
  if (fstat(fd_, &status) != 0) return SystemError(path_, "stat");
  if (!S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": file: want a regular one, got mode 0", status.st_mode));
  }
  if (status.st_size == 0) return absl::OkStatus();
  const size_t size = static_cast<size_t>(status.st_size);
  void* const data = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd_, /*offset=*/0);
  if (data == MAP_FAILED) return SystemError(path_, absl::StrCat("map ", size, " bytes"));
  data_ = static_cast<const char*>(data);
  size_ = size;
  madvise(data, size, Advice(access));  // a hint: refused, it is only slower
  return absl::OkStatus();
}

absl::Status MappedFile::CheckSize() const {
  struct stat status;
  if (fstat(fd_, &status) != 0) return SystemError(path_, "stat");
  if (static_cast<uint64_t>(status.st_size) == size_) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path_, ": size: want ", size_, " bytes as mapped, got ",
                                          static_cast<uint64_t>(status.st_size)));
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this == &other) return *this;
  Release();
  path_ = std::move(other.path_);
  fd_ = std::exchange(other.fd_, -1);
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

MappedFile::~MappedFile() { Release(); }

void MappedFile::Release() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
  if (fd_ >= 0) close(fd_);
}

}  // namespace blixard::memory
