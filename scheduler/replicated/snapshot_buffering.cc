#include "scheduler/replicated/snapshot_buffering.h"

#include <glog/logging.h>

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace blixard::scheduler {
namespace {

memory::Buffer NewBlock() {
  absl::StatusOr<memory::Buffer> block = memory::BufferPool::Default().Acquire(kSnapshotBlockBytes);
  CHECK(block.ok()) << block.status();
  return *std::move(block);
}

void AppendTo(memory::Buffer& block, absl::string_view bytes) {
  const size_t used = block.size();
  block.Resize(used + bytes.size());
  if (!bytes.empty()) std::memcpy(block.mutable_data() + used, bytes.data(), bytes.size());
}

}  // namespace

BufferedSink::BufferedSink(raft::SnapshotSink& sink) : sink_(sink), block_(NewBlock()) {}

absl::Status BufferedSink::Append(absl::string_view bytes) {
  CHECK_LE(bytes.size(), kSnapshotBlockBytes);
  if (block_.size() + bytes.size() > kSnapshotBlockBytes) {
    if (absl::Status flushed = Finish(); !flushed.ok()) return flushed;
  }
  AppendTo(block_, bytes);
  return status_;
}

absl::Status BufferedSink::Finish() {
  if (status_.ok() && block_.size() > 0) status_ = sink_.Write(block_.view());
  block_.Resize(0);
  return status_;
}

BufferedSource::BufferedSource(raft::SnapshotSource& source)
    : source_(source), block_(NewBlock()) {}

absl::StatusOr<absl::string_view> BufferedSource::Take(size_t bytes) {
  CHECK_LE(bytes, kSnapshotBlockBytes);
  if (block_.size() - begin_ < bytes) {
    if (absl::Status filled = FillTo(bytes); !filled.ok()) return filled;
  }
  if (block_.size() - begin_ < bytes) {
    return absl::DataLossError(absl::StrCat("state snapshot: want ", bytes, " bytes after byte ",
                                            taken_, ", the stream ends after ",
                                            block_.size() - begin_));
  }
  const absl::string_view taken = block_.view().substr(begin_, bytes);
  begin_ += bytes;
  taken_ += bytes;
  return taken;
}

absl::Status BufferedSource::FillTo(size_t bytes) {
  const size_t left = block_.size() - begin_;
  std::memmove(block_.mutable_data(), block_.data() + begin_, left);
  block_.Resize(left);
  begin_ = 0;
  while (block_.size() < bytes && !ended_) {
    const size_t used = block_.size();
    const absl::StatusOr<size_t> read =
        source_.Read({block_.mutable_data() + used, kSnapshotBlockBytes - used});
    if (!read.ok()) return read.status();
    block_.Resize(used + *read);
    ended_ = *read == 0;
  }
  return absl::OkStatus();
}

absl::Status BufferedSource::ExpectEnd() {
  if (absl::Status filled = FillTo(1); !filled.ok()) return filled;
  if (block_.size() == 0) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("state snapshot: want its end after byte ", taken_, ", got more bytes"));
}

}  // namespace blixard::scheduler
