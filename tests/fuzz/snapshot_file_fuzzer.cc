// Snapshots on disk (raft/storage/snapshot_reader.h).
#include <glog/logging.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "raft/core/checksum.h"
#include "raft/core/configuration.h"
#include "raft/storage/little_endian.h"
#include "raft/storage/snapshot_format.h"
#include "raft/storage/snapshot_reader.h"
#include "raft/storage/snapshot_store.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/raft/storage/memory_file_system.h"
#include "tests/raft/storage/snapshot_text.h"

namespace blixard::fuzz {
namespace {

using raft::LoadLittleEndian;
using raft::StoreLittleEndian;

// Makes the checksums right, so that what comes behind them is reached.
std::string Repaired(std::string file) {
  if (file.size() < raft::kSnapshotPrefixBytes + raft::kSnapshotFooterBytes) return file;
  const absl::string_view view = file;
  const size_t header = LoadLittleEndian<uint32_t>(file.data() + 4);
  if (header < 4 || header > file.size() - raft::kSnapshotFooterBytes) return file;
  const uint32_t seed = raft::PayloadCrc32c(view.substr(4, header - 4));
  StoreLittleEndian(seed, file.data());
  const size_t end = file.size() - raft::kSnapshotFooterBytes;
  const uint64_t chunk =
      raft::kChunkHeaderBytes + uint64_t{LoadLittleEndian<uint32_t>(file.data() + 20)};
  for (size_t at = header; at + raft::kChunkHeaderBytes <= end; at += chunk) {
    const size_t bytes = std::min<uint64_t>(chunk, end - at);
    StoreLittleEndian(raft::ExtendCrc32c(seed, view.substr(at + 4, bytes - 4)), file.data() + at);
  }
  StoreLittleEndian(raft::ExtendCrc32c(seed, view.substr(end + 4)), file.data() + end);
  return file;
}

bool Reads(absl::string_view bytes) {
  raft::MemoryFileSystem files;
  files.SetContent("/file", bytes);
  absl::StatusOr<std::unique_ptr<raft::SnapshotReader>> reader =
      raft::SnapshotReader::Open(files.Open("/file", raft::OpenMode::kExisting).value());
  if (!reader.ok()) return false;
  CHECK(raft::CheckConfiguration((*reader)->meta().configuration).ok());
  const bool sound = (*reader)->Verify().ok();
  const absl::StatusOr<std::string> stream = raft::ReadAll(**reader, 1000);
  CHECK_EQ(stream.ok(), sound) << "reading and verifying disagree";
  if (sound) CHECK_EQ(stream->size(), (*reader)->stream_bytes());
  return sound;
}

std::string Written(size_t stream_bytes) {
  raft::MemoryFileSystem files;
  const auto store = raft::SnapshotStore::Open(
      files, {.directory = "/s",
              .cluster = raft::ClusterId{7},
              .writer = {.chunk_bytes = 64, .max_pending_bytes = 4096, .sync_every_bytes = 4096}});
  const raft::SnapshotMeta meta = raft::MetaOf(9);
  CHECK(raft::WriteSnapshot(**store, meta, raft::StreamOf(9, stream_bytes)).ok());
  return files.Content("/s/" + raft::SnapshotFileName(meta.last));
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  Reads(bytes);
  Reads(Repaired(std::string(bytes)));
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const size_t bytes : {0, 1, 64, 200}) seeds.push_back(Written(bytes));
  for (const std::string& seed : seeds) CHECK(Reads(seed) && Repaired(seed) == seed);
  return seeds;
}

}  // namespace blixard::fuzz
