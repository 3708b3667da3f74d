#include "tests/raft/storage/memory_inode.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <set>

namespace blixard::raft {
namespace {

constexpr uint64_t kDamagedOnceIn = 8;  // of the sectors that were being written

}  // namespace

void MemoryInode::Put(uint64_t offset, absl::string_view bytes) {
  const uint64_t end = offset + bytes.size();
  Remember(std::min<uint64_t>(offset, data_.size()), end);
  if (end > data_.size()) data_.resize(end, '\0');
  std::copy(bytes.begin(), bytes.end(), data_.begin() + static_cast<std::ptrdiff_t>(offset));
}

void MemoryInode::Resize(uint64_t size) {
  const uint64_t old = data_.size();
  Remember(std::min(old, size), std::max(old, size));
  data_.resize(size, '\0');
}

void MemoryInode::Remember(uint64_t offset, uint64_t end) {
  const uint64_t from = offset / kSectorBytes * kSectorBytes;
  const uint64_t to = (end + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  const uint64_t have = std::min<uint64_t>(to, data_.size());
  undo_.push_back({.offset = from,
                   .size_before = data_.size(),
                   .bytes = from < have ? data_.substr(from, have - from) : ""});
  undo_.back().bytes.resize(to - from, '\0');
}

// What was written once more after the failed sync is on the medium now.
void MemoryInode::ForgetUnwritten() {
  for (const Undo& change : undo_) {
    const auto first = unwritten_.lower_bound(change.offset / kSectorBytes);
    const auto last = unwritten_.lower_bound((change.offset + change.bytes.size()) / kSectorBytes);
    unwritten_.erase(first, last);
  }
  medium_size_ = data_.size();
}

void MemoryInode::FailSync() {
  if (undo_.empty()) return;
  if (unwritten_.empty()) medium_size_ = undo_.front().size_before;
  for (const Undo& change : undo_) {
    for (uint64_t at = 0; at < change.bytes.size(); at += kSectorBytes) {
      Sector before;
      std::memcpy(before.data(), change.bytes.data() + at, kSectorBytes);
      unwritten_.emplace((change.offset + at) / kSectorBytes, before);  // the oldest counts
    }
  }
  undo_.clear();
}

void MemoryInode::PutBack(uint64_t sector, const char* bytes) {
  const uint64_t end = (sector + 1) * kSectorBytes;
  if (data_.size() < end) data_.resize(end, '\0');
  std::memcpy(data_.data() + sector * kSectorBytes, bytes, kSectorBytes);
}

void MemoryInode::DropCache(SplitMix& random) {
  const uint64_t size = data_.size();
  for (auto lost = unwritten_.begin(); lost != unwritten_.end();) {
    if (random.Below(2) == 0) {
      ++lost;
      continue;
    }
    PutBack(lost->first, lost->second.data());
    lost = unwritten_.erase(lost);
  }
  data_.resize(size, '\0');
}

// Only where the sector was to change: what stood there before was synced, and stays.
void MemoryInode::Damage(uint64_t sector, const char* before, SplitMix& random) {
  const uint64_t begin = sector * kSectorBytes;
  const uint64_t end = std::min<uint64_t>(begin + kSectorBytes, data_.size());
  if (begin >= end) return;
  const uint64_t size = end - begin;
  const uint64_t start = random.Below(size);
  for (uint64_t i = 0; i < size; ++i) {
    const uint64_t at = (start + i) % size;
    char& byte = data_[begin + at];
    if (byte == before[at]) continue;
    byte = static_cast<char>(byte ^ (1u << random.Below(8)));
    return;
  }
}

// Newest first: once a newer change of a sector stays, the older ones were there before it.
void MemoryInode::LosePower(SplitMix* random) {
  const auto stays = [random] { return random != nullptr && random->Below(2) == 0; };
  uint64_t size = data_.size();
  std::set<uint64_t> kept;
  bool size_kept = false;
  for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) {
    size_kept = size_kept || stays();
    if (!size_kept) size = change->size_before;
    for (uint64_t at = 0; at < change->bytes.size(); at += kSectorBytes) {
      const uint64_t sector = (change->offset + at) / kSectorBytes;
      if (kept.count(sector) != 0) continue;
      if (!stays()) {
        PutBack(sector, change->bytes.data() + at);
        continue;
      }
      kept.insert(sector);
      if (random->Below(kDamagedOnceIn) == 0) Damage(sector, change->bytes.data() + at, *random);
    }
  }
  if (!unwritten_.empty() && !size_kept && !stays()) size = medium_size_;
  for (const auto& [sector, before] : unwritten_) {
    if (kept.count(sector) == 0 && !stays()) PutBack(sector, before.data());
  }
  data_.resize(size, '\0');
  undo_.clear();
  unwritten_.clear();
}

void MemoryInode::Set(absl::string_view content) {
  data_ = std::string(content);
  undo_.clear();
  unwritten_.clear();
}

void MemoryInode::FlipBit(uint64_t offset, uint32_t bit) {
  data_.at(offset) = static_cast<char>(data_.at(offset) ^ (1u << (bit % 8)));
}

void MemoryInode::Misdirect(uint64_t from, uint64_t to) {
  const std::string moved = data_.substr(from / kSectorBytes * kSectorBytes, kSectorBytes);
  data_.replace(to / kSectorBytes * kSectorBytes, moved.size(), moved);
}

}  // namespace blixard::raft
