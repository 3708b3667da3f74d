// A snapshot's stream in memory.
#ifndef BLIXARD_TESTS_RAFT_RUNTIME_MEMORY_STREAM_H_
#define BLIXARD_TESTS_RAFT_RUNTIME_MEMORY_STREAM_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/runtime/snapshot_stream.h"

namespace blixard::raft {

class MemorySink : public SnapshotSink {
 public:
  absl::Status Write(absl::string_view bytes) override {
    bytes_.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Gives at most `piece` bytes at once.
class MemorySource : public SnapshotSource {
 public:
  explicit MemorySource(std::string bytes, size_t piece = 4096)
      : bytes_(std::move(bytes)), piece_(piece) {}

  absl::StatusOr<size_t> Read(absl::Span<char> into) override {
    const size_t read = std::min({into.size(), piece_, bytes_.size() - read_});
    bytes_.copy(into.data(), read, read_);
    read_ += read;
    return read;
  }

 private:
  const std::string bytes_;
  const size_t piece_;
  size_t read_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_RUNTIME_MEMORY_STREAM_H_
