#include "scheduler/core/position_index.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>

namespace blixard::scheduler {
namespace {

constexpr size_t kMinBuckets = 16;

// Full at 5/8: a miss then looks at about four neighbouring pairs, half a cache line.
size_t BucketsFor(size_t items) { return std::bit_ceil(std::max(kMinBuckets, items * 8 / 5 + 1)); }

}  // namespace

void PositionIndex::Insert(Item item) {
  CHECK_NE(item.position, kNotFound);
  Reserve(size_ + 1);
  Place(item);
  ++size_;
}

void PositionIndex::Erase(Item item) {
  CHECK_GT(size_, 0u) << "erase of position " << item.position << " from an empty index";
  size_t hole = item.hash & mask();
  while (buckets_[hole].hash != item.hash || buckets_[hole].position != item.position) {
    CHECK_NE(buckets_[hole].position, kNotFound) << "position " << item.position << " not indexed";
    hole = (hole + 1) & mask();
  }
  // A later pair of the run moves into the hole unless its home lies between hole and pair.
  for (size_t at = (hole + 1) & mask(); buckets_[at].position != kNotFound;
       at = (at + 1) & mask()) {
    const size_t home = buckets_[at].hash & mask();
    if (((at - home) & mask()) < ((at - hole) & mask())) continue;
    buckets_[hole] = buckets_[at];
    hole = at;
  }
  buckets_[hole] = Item{};
  --size_;
}

void PositionIndex::Reserve(size_t items) {
  const size_t wanted = BucketsFor(items);
  if (wanted > buckets_.size()) Grow(wanted);
}

void PositionIndex::Clear() {
  std::fill(buckets_.begin(), buckets_.end(), Item{});
  size_ = 0;
}

void PositionIndex::Place(Item item) {
  size_t at = item.hash & mask();
  while (buckets_[at].position != kNotFound) at = (at + 1) & mask();
  buckets_[at] = item;
}

void PositionIndex::Grow(size_t buckets) {
  std::vector<Item> old(buckets);
  old.swap(buckets_);
  for (const Item& item : old) {
    if (item.position != kNotFound) Place(item);
  }
}

}  // namespace blixard::scheduler
