#include "raft/runtime/snapshot_bytes.h"

#include <array>
#include <cstddef>

#include "absl/types/span.h"

namespace blixard::raft {

absl::StatusOr<std::string> ReadAll(SnapshotSource& source) {
  std::string bytes;
  std::array<char, 4096> piece;
  while (true) {
    const absl::StatusOr<size_t> read = source.Read(absl::MakeSpan(piece));
    if (!read.ok()) return read.status();
    if (*read == 0) return bytes;
    bytes.append(piece.data(), *read);
  }
}

}  // namespace blixard::raft
