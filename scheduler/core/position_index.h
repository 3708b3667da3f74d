// Finds a row by the hash of its key, where the rows and their keys live elsewhere: open addressing
// over pairs (hash, position), linear probing, and deletion that shifts the run back. No
// tombstones, so that churn never rehashes: the only allocation, and the only long step, is growth
// to a new peak. Copyable; not thread-safe.
#ifndef BLIXARD_SCHEDULER_CORE_POSITION_INDEX_H_
#define BLIXARD_SCHEDULER_CORE_POSITION_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace blixard::scheduler {

class PositionIndex {
 public:
  static constexpr uint32_t kNotFound = std::numeric_limits<uint32_t>::max();

  struct Item {
    uint32_t hash = 0;
    uint32_t position = kNotFound;
  };

  // Position among those of `hash` for which `is_key(position)` holds, or kNotFound.
  template <class IsKey>
  uint32_t Find(uint32_t hash, const IsKey& is_key) const {
    if (size_ == 0) return kNotFound;
    for (size_t at = hash & mask(); buckets_[at].position != kNotFound; at = (at + 1) & mask()) {
      if (buckets_[at].hash == hash && is_key(buckets_[at].position)) return buckets_[at].position;
    }
    return kNotFound;
  }

  // The key must not be present; the position must not be kNotFound (CHECKed).
  void Insert(Item item);

  // CHECKs that exactly this pair is present.
  void Erase(Item item);

  // Room for `items` without growth.
  void Reserve(size_t items);

  void Clear();  // keeps the room

  size_t size() const { return size_; }

 private:
  size_t mask() const { return buckets_.size() - 1; }
  void Place(Item item);
  void Grow(size_t buckets);

  std::vector<Item> buckets_;  // none, or a power of two; position kNotFound = empty
  size_t size_ = 0;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_POSITION_INDEX_H_
