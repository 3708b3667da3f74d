// Opening a write-ahead log (raft/storage/wal.h): whatever the files hold, it is refused and left
// as it is, or it opens, takes more, and gives all of it back. Input: one byte for the sequence of
// the first segment, then segments of 4096 bytes each.
#include <glog/logging.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"
#include "raft/storage/little_endian.h"
#include "raft/storage/segment.h"
#include "raft/storage/wal.h"
#include "raft/storage/wal_frame.h"
#include "raft/storage/wal_inspection.h"
#include "raft/storage/wal_options.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/raft/storage/log_model.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::fuzz {
namespace {

using raft::LoadLittleEndian;
using raft::StoreLittleEndian;

constexpr size_t kSegmentBytes = 4096;
constexpr size_t kMaxSegments = 4;

raft::WalOptions Options() {
  return {.directory = "/wal",
          .cluster = raft::ClusterId{1},
          .replica = raft::ReplicaId{2},
          .segment_bytes = kSegmentBytes};
}

struct Input {
  uint64_t first = 1;
  std::vector<std::string> segments;
};

Input Parse(absl::string_view bytes) {
  Input input;
  if (bytes.empty()) return input;
  input.first = 1 + static_cast<unsigned char>(bytes.front()) % 8;
  bytes.remove_prefix(1);
  while (!bytes.empty() && input.segments.size() < kMaxSegments) {
    input.segments.emplace_back(bytes.substr(0, kSegmentBytes));
    bytes.remove_prefix(std::min(bytes.size(), kSegmentBytes));
  }
  return input;
}

// Makes sequences and checksums right, so that what comes behind them is reached.
void Repair(std::string& segment, uint64_t sequence) {
  size_t at = 0;
  while (at + raft::kFrameHeaderBytes <= segment.size()) {
    char* const frame = segment.data() + at;
    const uint64_t payload = LoadLittleEndian<uint32_t>(frame + 4);
    const size_t room = segment.size() - at - raft::kFrameHeaderBytes;
    if (frame[12] == 0 || payload > room) return;
    StoreLittleEndian(raft::PayloadCrc32c({frame + raft::kFrameHeaderBytes, payload}), frame + 8);
    StoreLittleEndian(sequence, frame + 16);
    StoreLittleEndian(raft::PayloadCrc32c({frame + 4, raft::kFrameHeaderBytes - 4}), frame);
    at += raft::FrameBytes(payload);
  }
}

absl::StatusOr<raft::OpenedWal> Open(raft::MemoryFileSystem& files) {
  return raft::Wal::Open(files, memory::BufferPool::Default(), Options());
}

void PutFiles(const Input& input, raft::MemoryFileSystem& files) {
  CHECK(files.MakeDirectory("/wal").ok());
  CHECK(files.SyncDirectory("/").ok());
  for (size_t i = 0; i < input.segments.size(); ++i) {
    files.SetContent(raft::SegmentPath(Options(), input.first + i), input.segments[i]);
  }
}

void CheckRefused(const Input& input, const raft::MemoryFileSystem& files,
                  const absl::Status& refusal) {
  CHECK(absl::IsDataLoss(refusal) || absl::IsFailedPrecondition(refusal)) << refusal;
  for (size_t i = 0; i < input.segments.size(); ++i) {
    CHECK(files.Content(raft::SegmentPath(Options(), input.first + i)) == input.segments[i])
        << "a refused log was changed";
  }
}

// A log that opens is as good as any other.
void CheckUsable(raft::MemoryFileSystem& files, raft::OpenedWal opened) {
  raft::LogModel model = raft::ModelOf(opened.recovered);
  const raft::LogIndex next = model.last_index() + 1;
  const raft::Term term = model.entries.empty() ? model.base.term : model.entries.back().id.term;
  if (next.value == 0) return;  // the last index there is
  const std::vector<raft::Entry> more = {raft::MakeEntry({.term = term, .index = next}, "more")};
  CHECK(opened.wal->Append({}, more).ok());
  CHECK(opened.wal->Sync().ok());
  model.Append({}, more);
  opened.wal.reset();
  files.Crash();
  const absl::StatusOr<raft::OpenedWal> again = Open(files);
  CHECK(again.ok()) << again.status();
  CHECK(raft::ModelOf(again->recovered) == model) << "the log changed over a restart";
}

void Recover(const Input& input) {
  raft::MemoryFileSystem files;
  PutFiles(input, files);
  const absl::StatusOr<raft::InspectedWal> seen =
      raft::InspectWal(files, memory::BufferPool::Default(), "/wal", nullptr);
  absl::StatusOr<raft::OpenedWal> opened = Open(files);
  if (!opened.ok()) {
    CheckRefused(input, files, opened.status());
    CHECK(!seen.ok() || !seen->sound() || absl::IsFailedPrecondition(opened.status()))
        << "inspection found a log sound that does not open: " << opened.status();
    return;
  }
  CHECK(input.segments.empty() || (seen.ok() && seen->sound())) << "inspection found damage";
  CheckUsable(files, *std::move(opened));
}

// Some work on a log; then its files, up to four, as an input.
std::string Seed(uint64_t entries, uint64_t compact_through, uint64_t snapshot_at) {
  raft::MemoryFileSystem files;
  absl::StatusOr<raft::OpenedWal> opened = Open(files);
  CHECK(opened.ok()) << opened.status();
  raft::Wal& wal = *opened->wal;
  for (uint64_t i = 1; i <= entries; ++i) {
    const raft::HardState state = {.term = {1}, .vote = raft::ReplicaId{2}, .commit = {i}};
    const raft::Entry entry = raft::MakeEntry({.term = {1}, .index = {i}}, std::string(i * 9, 'e'));
    CHECK(wal.Append(state, {entry}).ok() && wal.Sync().ok());
    if (i == compact_through) CHECK(wal.CompactThrough(entry.id()).ok() && wal.Sync().ok());
    while (wal.PrepareStep()) {
    }
  }
  if (snapshot_at > 0) {
    CHECK(wal.InstallSnapshot({.term = {2}, .index = {snapshot_at}}, {.term = {3}}).ok());
  }
  opened->wal.reset();
  std::string seed;
  const std::vector<std::string> names = files.List("/wal").value();
  for (const std::string& name : names) {
    const auto sequence = raft::ParseSegmentName(name);
    if (!sequence.has_value()) continue;
    if (seed.empty()) seed.push_back(static_cast<char>(*sequence - 1));
    seed += files.Content("/wal/" + name);
  }
  // The zeros behind the log come back by themselves.
  seed.resize(seed.find_last_not_of('\0') + 1);
  return seed;
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  Input input = Parse(bytes);
  Recover(input);
  for (size_t i = 0; i < input.segments.size(); ++i) Repair(input.segments[i], input.first + i);
  Recover(input);
}

std::vector<std::string> Seeds() {
  return {Seed(0, 0, 0), Seed(3, 0, 0), Seed(20, 5, 0), Seed(30, 22, 0), Seed(4, 2, 9)};
}

}  // namespace blixard::fuzz
