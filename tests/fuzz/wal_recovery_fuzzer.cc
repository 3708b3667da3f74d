// Opening a write-ahead log (raft/storage/wal.h): whatever the files hold, it is refused and left
// as it is, or it opens, takes more, and gives all of it back. Input: one byte, then files of 4096
// bytes each. Of the byte, the lowest three bits are the sequence of the first segment less one;
// the next two how many files, from the last on, are free segments; then one bit: the last is an
// unfinished one.
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
constexpr size_t kMaxFiles = 5;

raft::WalOptions Options() {
  return {.directory = "/wal",
          .cluster = raft::ClusterId{1},
          .replica = raft::ReplicaId{2},
          .segment_bytes = kSegmentBytes};
}

struct Input {
  uint64_t first = 1;
  std::vector<std::string> segments;
  std::vector<std::string> free_segments;
  std::vector<std::string> unfinished;
};

// What a free segment holds is of segments that were given up, so of sequences below the first.
void ForgetFramesFrom(uint64_t first, std::string& free_segment) {
  for (size_t at = 0; at + raft::kFrameHeaderBytes <= free_segment.size();
       at += raft::kFrameAlignment) {
    const auto sequence = LoadLittleEndian<uint64_t>(free_segment.data() + at + 16);
    const raft::FrameSpot spot = {.sequence = sequence, .offset = at};
    if (sequence >= first && raft::FindFrameHeader(free_segment, spot).has_value()) {
      free_segment[at] = static_cast<char>(free_segment[at] ^ 1);  // its checksum
    }
  }
}

void TakeLast(std::vector<std::string>& from, std::vector<std::string>& to) {
  if (from.empty()) return;
  to.push_back(std::move(from.back()));
  from.pop_back();
}

Input Parse(absl::string_view bytes) {
  Input input;
  if (bytes.empty()) return input;
  const auto shape = static_cast<unsigned char>(bytes.front());
  input.first = 1 + shape % 8;
  bytes.remove_prefix(1);
  while (!bytes.empty() && input.segments.size() < kMaxFiles) {
    input.segments.emplace_back(bytes.substr(0, kSegmentBytes));
    bytes.remove_prefix(std::min(bytes.size(), kSegmentBytes));
  }
  if ((shape >> 5) % 2 == 1) TakeLast(input.segments, input.unfinished);
  for (int i = (shape >> 3) % 4; i > 0; --i) TakeLast(input.segments, input.free_segments);
  for (std::string& free_segment : input.free_segments) {
    free_segment.resize(kSegmentBytes);
    ForgetFramesFrom(input.first, free_segment);
  }
  return input;
}

std::string PathOf(const std::string& name) { return "/wal/" + name; }

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
    const uint32_t checksum = raft::PayloadCrc32c({frame + 4, raft::kFrameHeaderBytes - 4});
    StoreLittleEndian(checksum ^ static_cast<uint32_t>(at), frame);
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
  for (size_t i = 0; i < input.free_segments.size(); ++i) {
    files.SetContent(PathOf(raft::FreeSegmentName(i)), input.free_segments[i]);
  }
  for (size_t i = 0; i < input.unfinished.size(); ++i) {
    files.SetContent(PathOf(raft::UnfinishedSegmentName(9 + i)), input.unfinished[i]);
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

// As much as makes a log begin another segment, so that it takes a free one.
std::vector<raft::Entry> Additional(const raft::LogModel& model) {
  const raft::Term term = model.entries.empty() ? model.base.term : model.entries.back().id.term;
  const raft::LogIndex last = model.last_index();
  std::vector<raft::Entry> entries;
  for (uint64_t i = 1; i <= 3 && last.value + i > last.value; ++i) {
    entries.push_back(raft::MakeEntry({.term = term, .index = last + i},
                                      std::string(kSegmentBytes / 2, static_cast<char>('a' + i))));
  }
  return entries;
}

// A log that opens is as good as any other.
void CheckUsable(raft::MemoryFileSystem& files, raft::OpenedWal opened) {
  raft::LogModel model = raft::ModelOf(opened.recovered);
  for (const raft::Entry& entry : Additional(model)) {
    CHECK(opened.wal->Append({}, {&entry, 1}).ok());
    CHECK(opened.wal->Sync().ok());
    model.Append({}, {&entry, 1});
  }
  opened.wal.reset();
  files.Crash();
  const absl::StatusOr<raft::OpenedWal> again = Open(files);
  CHECK(again.ok()) << again.status();
  CHECK(raft::ModelOf(again->recovered) == model) << "the log changed over a restart";
  const std::vector<std::string> names = files.List("/wal").value();
  for (const std::string& name : names) {
    CHECK(!raft::IsUnfinishedSegmentName(name)) << name << " is still there";
  }
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

// Some work on a log.
void Work(raft::MemoryFileSystem& files, uint64_t entries, uint64_t compact_through,
          uint64_t snapshot_at) {
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
}

// Its segments then, up to five, as an input.
std::string Seed(uint64_t entries, uint64_t compact_through, uint64_t snapshot_at) {
  raft::MemoryFileSystem files;
  Work(files, entries, compact_through, snapshot_at);
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

// The same, and behind its segments the free ones that it has and, if wanted, an unfinished one.
std::string SeedWithSpares(uint64_t entries, uint64_t compact_through, bool unfinished) {
  raft::MemoryFileSystem files;
  Work(files, entries, compact_through, 0);
  std::vector<std::string> segments;
  std::vector<std::string> spares;
  uint64_t first = 0;
  const std::vector<std::string> names = files.List("/wal").value();
  for (const std::string& name : names) {
    std::string content = files.Content(PathOf(name));
    content.resize(kSegmentBytes);
    if (raft::ParseFreeSegmentName(name).has_value()) spares.push_back(content);
    const auto sequence = raft::ParseSegmentName(name);
    if (!sequence.has_value()) continue;
    if (segments.empty()) first = *sequence;
    segments.push_back(content);
  }
  CHECK(!spares.empty() && spares.size() <= 3) << spares.size();
  if (unfinished) spares.push_back(std::string(1024, '\0') + "half");
  const uint64_t shape =
      (first - 1) | (spares.size() - (unfinished ? 1 : 0)) << 3 | (unfinished ? 32 : 0);
  std::string seed(1, static_cast<char>(shape));
  for (const std::string& segment : segments) seed += segment;
  for (const std::string& spare : spares) seed += spare;
  CHECK_LE(seed.size(), 1 + kMaxFiles * kSegmentBytes);
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
  return {Seed(0, 0, 0),
          Seed(3, 0, 0),
          Seed(20, 5, 0),
          Seed(30, 22, 0),
          Seed(4, 2, 9),
          SeedWithSpares(30, 22, false),
          SeedWithSpares(30, 22, true)};
}

}  // namespace blixard::fuzz
