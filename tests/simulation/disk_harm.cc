#include "tests/simulation/disk_harm.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/split_mix.h"
#include "raft/storage/wal_inspection.h"

namespace blixard::raft {
namespace {

// The first `size` bytes of a file.
struct Stretch {
  std::string path;
  uint64_t size = 0;
};

std::vector<Stretch> ProvenLog(MemoryFileSystem& disk, const std::string& directory) {
  uint64_t proven = 0;  // in the last segment
  std::string last_path;
  const absl::StatusOr<InspectedWal> log =
      InspectWal(disk, memory::BufferPool::Default(), directory, [&](const InspectedFrame& frame) {
        if (frame.path != last_path) proven = 0;
        last_path = std::string(frame.path);
        proven = std::max(proven, frame.header.durable_offset);
      });
  std::vector<Stretch> stretches;
  if (!log.ok()) return stretches;
  for (const InspectedSegment& segment : log->segments) {
    const bool last = &segment == &log->segments.back();
    const uint64_t size = !last ? segment.end : segment.path == last_path ? proven : 0;
    if (size > 0) stretches.push_back({.path = segment.path, .size = size});
  }
  return stretches;
}

std::vector<Stretch> Snapshots(const MemoryFileSystem& disk, const std::string& directory) {
  std::vector<Stretch> stretches;
  for (const std::string& path : disk.Paths()) {
    if (!absl::StartsWith(path, directory) || !absl::EndsWith(path, ".snapshot")) continue;
    stretches.push_back({.path = path, .size = disk.Content(path).size()});
  }
  return stretches;
}

std::string Misdirect(MemoryFileSystem& disk, const Stretch& stretch, SplitMix& random) {
  const uint64_t sectors = stretch.size / kSectorBytes;
  const uint64_t from = random.Below(sectors) * kSectorBytes;
  const uint64_t skipped = (1 + random.Below(sectors - 1)) * kSectorBytes;
  const uint64_t to = (from + skipped) % (sectors * kSectorBytes);
  disk.Misdirect(stretch.path, from, to);
  return absl::StrCat("the sector at ", from, " of ", stretch.path, " went to ", to);
}

std::string Flip(MemoryFileSystem& disk, const Stretch& stretch, SplitMix& random) {
  const uint64_t offset = random.Below(stretch.size);
  disk.FlipBit(stretch.path, offset, static_cast<uint32_t>(random.Below(8)));
  return absl::StrCat("a bit at ", offset, " of ", stretch.path, " flipped");
}

}  // namespace

std::optional<std::string> HarmDisk(MemoryFileSystem& disk, const HarmedPlaces& places,
                                    uint64_t seed) {
  SplitMix random(seed);
  const std::vector<Stretch> stretches = random.Below(2) == 0
                                             ? ProvenLog(disk, places.log_directory)
                                             : Snapshots(disk, places.snapshot_directory);
  if (stretches.empty()) return std::nullopt;
  const Stretch& stretch = stretches[random.Below(stretches.size())];
  const bool has_sectors = stretch.size >= 2 * kSectorBytes;
  const std::string before = disk.Content(stretch.path);
  std::string done = has_sectors && random.Below(2) == 0 ? Misdirect(disk, stretch, random)
                                                         : Flip(disk, stretch, random);
  if (disk.Content(stretch.path) == before) return std::nullopt;  // two sectors alike
  return done;
}

}  // namespace blixard::raft
