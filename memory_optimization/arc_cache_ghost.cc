#include "memory_optimization/arc_cache_ghost.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace blixard::memory::internal {

uint32_t GhostHashes::Fingerprint(uint64_t hash) {
  const auto upper = static_cast<uint32_t>(hash >> 32);
  return upper == 0 ? 1 : upper;
}

GhostHashes::Ghost* GhostHashes::Bucket(std::vector<Ghost>& ghosts, uint32_t fingerprint) {
  const uint64_t buckets = ghosts.size() / kWays;
  return &ghosts[(fingerprint * uint64_t{0x9E3779B97F4A7C15} >> 32) % buckets * kWays];
}

GhostHashes::Ghost& GhostHashes::OldestOf(Ghost* bucket) const {
  const auto older = [this](const Ghost& a, const Ghost& b) {
    if ((a.fingerprint == 0) != (b.fingerprint == 0)) return a.fingerprint == 0;
    return Age(a) > Age(b);
  };
  return *std::min_element(bucket, bucket + kWays, older);
}

void GhostHashes::Reserve(size_t hashes) {
  const size_t want = std::max(kWays, std::bit_ceil(hashes));
  if (want <= ghosts_.size()) return;
  std::vector<Ghost> larger(want);
  std::swap(ghosts_, larger);
  max_age_ = static_cast<uint32_t>(want);
  for (const Ghost& ghost : larger) {
    if (ghost.fingerprint != 0) OldestOf(Bucket(ghosts_, ghost.fingerprint)) = ghost;
  }
}

void GhostHashes::Add(uint64_t hash) {
  if (ghosts_.empty()) return;
  const uint32_t fingerprint = Fingerprint(hash);
  OldestOf(Bucket(ghosts_, fingerprint)) = {.fingerprint = fingerprint, .born = ++clock_};
}

bool GhostHashes::TakeIfThere(uint64_t hash) {
  if (ghosts_.empty()) return false;
  const uint32_t fingerprint = Fingerprint(hash);
  Ghost* bucket = Bucket(ghosts_, fingerprint);
  for (Ghost* ghost = bucket; ghost != bucket + kWays; ++ghost) {
    if (ghost->fingerprint != fingerprint) continue;
    ghost->fingerprint = 0;
    return Age(*ghost) <= max_age_;
  }
  return false;
}

}  // namespace blixard::memory::internal
