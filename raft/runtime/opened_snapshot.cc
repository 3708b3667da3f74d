#include "raft/runtime/opened_snapshot.h"

#include <cstddef>
#include <utility>

#include "absl/types/span.h"
#include "raft/storage/snapshot_reader.h"

namespace blixard::raft {
namespace {

class SnapshotFile final : public SnapshotSource {
 public:
  explicit SnapshotFile(std::unique_ptr<SnapshotReader> reader) : reader_(std::move(reader)) {}
  absl::StatusOr<size_t> Read(absl::Span<char> into) override { return reader_->Read(into); }

 private:
  const std::unique_ptr<SnapshotReader> reader_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SnapshotSource>> OpenData(const SnapshotStore& store,
                                                         const EntryId& last) {
  absl::StatusOr<std::unique_ptr<SnapshotReader>> reader = store.Open(last);
  if (!reader.ok()) return reader.status();
  return std::make_unique<SnapshotFile>(*std::move(reader));
}

}  // namespace blixard::raft
