// A whole file as bytes in memory, read by the kernel page by page as it is touched: for random
// access to files that are larger than what is read of them. For one pass from front to back use
// ChunkReader, which is as fast, needs constant memory and reports read errors.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_MAPPED_FILE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_MAPPED_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace blixard::memory {

// How the bytes will be read, for the kernel's read-ahead.
enum class MappedAccess { kNormal, kRandom, kSequential };

// Read-only and movable; views into it are good as long as the object that owns the mapping.
// Reading is thread-safe. The mapping survives a rename or removal of the file.
//
// Hazard: when another process shrinks the file, touching a page beyond its new end raises SIGBUS,
// and so does a failing disk. Map only files that nobody truncates (written aside and renamed);
// CheckSize tells whether it has happened so far, not that it will not.
class MappedFile {
 public:
  // Errors: what errno says with the path (kNotFound, kPermissionDenied, ...); kInvalidArgument for
  // what is not a regular file. An empty file is fine and maps nothing.
  static absl::StatusOr<MappedFile> Open(const std::string& path,
                                         MappedAccess access = MappedAccess::kRandom);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }
  size_t size() const { return size_; }
  const std::string& path() const { return path_; }

  // kDataLoss when the file is no longer as long as what was mapped.
  absl::Status CheckSize() const;

 private:
  explicit MappedFile(std::string path) : path_(std::move(path)) {}
  absl::Status Map(MappedAccess access);
  void Release();

  std::string path_;
  int fd_ = -1;
  const char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_MAPPED_FILE_H_
