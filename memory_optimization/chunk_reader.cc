#include "memory_optimization/chunk_reader.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace blixard::memory {
namespace {

constexpr size_t kMaxSize = size_t{1} << 30;
constexpr size_t kLineEndBytes = 2;

size_t CheckedSize(size_t size, const char* field) {
  CHECK(size >= 1 && size < kMaxSize) << field << ": want 1 to 1 GiB, got " << size;
  return size;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DescriptorSource>> DescriptorSource::Open(const std::string& path) {
  auto source = std::make_unique<DescriptorSource>(-1);  // first, so that no descriptor is lost
  do {
    source->fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } while (source->fd_ < 0 && errno == EINTR);
  if (source->fd_ < 0) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": open"));
  return source;
}

DescriptorSource::~DescriptorSource() {
  if (fd_ >= 0) close(fd_);
}

ssize_t DescriptorSource::Read(char* into, size_t max_bytes) { return read(fd_, into, max_bytes); }

ChunkReader::ChunkReader(ReadSource& source, ChunkReaderOptions options)
    : source_(source),
      options_(std::move(options)),
      capacity_(CheckedSize(options_.max_line_bytes, "max_line_bytes") +
                CheckedSize(options_.chunk_bytes, "chunk_bytes") + kLineEndBytes),
      buffer_(std::make_unique_for_overwrite<char[]>(capacity_)) {}

std::optional<std::string_view> ChunkReader::NextLine() {
  size_t searched = 0;  // of the waiting bytes, without a line's end in them
  while (true) {
    const size_t end = waiting().find('\n', searched);
    if (end != std::string_view::npos) {
      const bool has_cr = end > 0 && waiting()[end - 1] == '\r';
      return CheckedLine({.line_bytes = end - size_t{has_cr}, .with_end_bytes = end + 1});
    }
    searched = end_ - begin_;
    // One byte more than the bound may be the CR of the line's end.
    if (searched > options_.max_line_bytes + 1) return FailLongLine();
    if (!Fill()) break;
  }
  if (searched == 0 || !status_.ok()) return std::nullopt;
  return CheckedLine({.line_bytes = searched, .with_end_bytes = searched});
}

std::optional<std::string_view> ChunkReader::CheckedLine(LineExtent extent) {
  if (extent.line_bytes > options_.max_line_bytes) return FailLongLine();
  const std::string_view line = waiting().substr(0, extent.line_bytes);
  begin_ += extent.with_end_bytes;
  ++line_number_;
  return line;
}

std::nullopt_t ChunkReader::FailLongLine() {
  status_ = absl::InvalidArgumentError(absl::StrCat(options_.name, ":", line_number_ + 1,
                                                    ": line: want at most ",
                                                    options_.max_line_bytes, " bytes, got more"));
  begin_ = end_;
  return std::nullopt;
}

std::optional<std::string_view> ChunkReader::NextChunk() {
  if (begin_ == end_ && !Fill()) return std::nullopt;
  const std::string_view chunk = waiting();
  begin_ = end_;
  return chunk;
}

// Reads once behind the waiting bytes, which it moves to the front when the room behind them is
// less than a chunk: at most once a chunk, so each byte moves at most max_line_bytes / chunk_bytes
// times.
bool ChunkReader::Fill() {
  if (at_end_ || !status_.ok()) return false;
  if (begin_ > 0 && capacity_ - end_ < options_.chunk_bytes) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  ssize_t got;
  do {
    got = source_.Read(buffer_.get() + end_, std::min(options_.chunk_bytes, capacity_ - end_));
  } while (got < 0 && errno == EINTR);
  if (got < 0) status_ = absl::ErrnoToStatus(errno, absl::StrCat(options_.name, ": read"));
  at_end_ = got == 0;
  end_ += got > 0 ? static_cast<size_t>(got) : 0;
  return got > 0;
}

}  // namespace blixard::memory
