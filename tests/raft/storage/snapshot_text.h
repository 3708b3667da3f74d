// Snapshots as the tests of this folder write and read them.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_SNAPSHOT_TEXT_H_
#define BLIXARD_TESTS_RAFT_STORAGE_SNAPSHOT_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/snapshot_meta.h"
#include "raft/storage/snapshot_reader.h"
#include "raft/storage/snapshot_store.h"

namespace blixard::raft {

// Of the snapshot after that entry, in a group of three.
inline SnapshotMeta MetaOf(uint64_t index, uint64_t term = 1) {
  return {.last = {.term = {term}, .index = {index}},
          .configuration = {.voters = {ReplicaId{1}, ReplicaId{2}, ReplicaId{3}}}};
}

// A stream that is different for every index.
inline std::string StreamOf(uint64_t index, size_t bytes) {
  std::mt19937_64 random(index);
  std::string stream(bytes, '\0');
  for (char& byte : stream) byte = static_cast<char>(random());
  return stream;
}

inline absl::Status WriteSnapshot(SnapshotStore& store, const SnapshotMeta& meta,
                                  absl::string_view stream) {
  absl::StatusOr<std::unique_ptr<SnapshotWriter>> writer = store.Create(meta);
  if (!writer.ok()) return writer.status();
  while (!stream.empty()) {
    const absl::string_view piece = stream.substr(0, 100);
    if (absl::Status taken = (*writer)->Write(piece); !taken.ok()) return taken;
    const absl::StatusOr<size_t> written = (*writer)->WriteSome(1 << 20);
    if (!written.ok()) return written.status();
    stream.remove_prefix(piece.size());
  }
  return (*writer)->Commit();
}

inline absl::StatusOr<std::string> ReadAll(SnapshotReader& reader, size_t piece = 77) {
  std::string stream;
  std::string block(piece, '\0');
  while (true) {
    const absl::StatusOr<size_t> read = reader.Read(absl::MakeSpan(block));
    if (!read.ok()) return read.status();
    if (*read == 0) return stream;
    stream.append(block, 0, *read);
  }
}

inline absl::StatusOr<std::unique_ptr<SnapshotReader>> OpenNewest(const SnapshotStore& store) {
  const std::optional<SnapshotMeta> newest = store.newest();
  if (!newest.has_value()) return absl::NotFoundError("no snapshot");
  return store.Open(newest->last);
}

inline absl::StatusOr<std::string> ReadNewest(const SnapshotStore& store) {
  absl::StatusOr<std::unique_ptr<SnapshotReader>> reader = OpenNewest(store);
  if (!reader.ok()) return reader.status();
  return ReadAll(**reader);
}

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_STORAGE_SNAPSHOT_TEXT_H_
