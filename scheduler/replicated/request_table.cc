#include "scheduler/replicated/request_table.h"

#include <glog/logging.h>
#include <xxhash.h>

namespace blixard::scheduler {

uint32_t HashRequestId(const RequestId& id) {
  static_assert(sizeof(id) == 2 * sizeof(uint64_t), "no padding to hash");
  return static_cast<uint32_t>(XXH3_64bits(&id, sizeof(id)));
}

RequestTable::RequestTable(size_t bound) : bound_(bound) {
  CHECK_GT(bound, 0u);
  ring_.Reserve(bound);
  by_id_.Reserve(bound);
}

const RecordedRequest* RequestTable::Find(const RequestId& id) const {
  const uint32_t slot =
      by_id_.Find(HashRequestId(id), [&](uint32_t candidate) { return ring_[candidate].id == id; });
  return slot == PositionIndex::kNotFound ? nullptr : &ring_[slot];
}

const RecordedRequest* RequestTable::oldest_if_full() const {
  return size() < bound() ? nullptr : &ring_[SlotOf(next_position_)];
}

const RecordedRequest& RequestTable::Record(const RequestId& id, const Outcome& outcome) {
  CHECK(Find(id) == nullptr) << "request " << id << " is recorded";
  const uint32_t slot = static_cast<uint32_t>(SlotOf(next_position_));
  if (size() == bound()) by_id_.Erase({.hash = HashRequestId(ring_[slot].id), .position = slot});
  RecordedRequest& recorded = ring_.Mutable(slot);
  recorded = {.position = next_position_++, .id = id, .outcome = outcome};
  by_id_.Insert({.hash = HashRequestId(id), .position = slot});
  return recorded;
}

void RequestTable::StartAt(uint64_t position) {
  CHECK_EQ(size(), 0u) << "requests are recorded already";
  next_position_ = position;
}

}  // namespace blixard::scheduler
