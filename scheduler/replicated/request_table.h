// The outcomes of the latest requests, so that a request sent again gets the first one's answer and
// changes nothing. Bounded: each new request beyond the bound forgets the oldest, in log order,
// hence the same on every replica. A client that repeats a request after that many others is
// carried out again.
#ifndef BLIXARD_SCHEDULER_REPLICATED_REQUEST_TABLE_H_
#define BLIXARD_SCHEDULER_REPLICATED_REQUEST_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "scheduler/core/position_index.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/request.h"
#include "scheduler/replicated/shared_pages.h"

namespace blixard::scheduler {

// About 80 bytes each. At 100,000 requests a second it remembers 2.6 seconds of them.
inline constexpr size_t kRequestTableBound = size_t{1} << 18;

// For PositionIndex and hash maps of this process; never enters log or digest.
uint32_t HashRequestId(const RequestId& id);

// One request that was carried out. `position` counts all of them from 0.
struct RecordedRequest {
  uint64_t position = 0;
  RequestId id{};
  Outcome outcome{};

  friend bool operator==(const RecordedRequest&, const RecordedRequest&) = default;
};

// What is remembered as of one moment; O(bound / 1170) to make. Independent of the table it was
// made from, on any thread.
struct RequestTableImage {
  size_t bound = 0;
  size_t size = 0;
  uint64_t next_position = 0;
  SharedPages<RecordedRequest> ring;  // row = position % bound

  const RecordedRequest& at(uint64_t position) const { return ring[position % bound]; }
  uint64_t first_position() const { return next_position - size; }
};

// Allocates at construction only, but for the pages that change while a snapshot is taken. Not
// thread-safe.
class RequestTable {
 public:
  explicit RequestTable(size_t bound);

  // Valid until the next Record(); null: not known, or forgotten.
  const RecordedRequest* Find(const RequestId& id) const;

  // The request that the next Record() forgets; null while there is room.
  const RecordedRequest* oldest_if_full() const;

  // CHECKs that the id is not in the table.
  const RecordedRequest& Record(const RequestId& id, const Outcome& outcome);

  // The next Record() gets this position, as in the snapshot whose requests follow. CHECKs that
  // nothing is recorded yet.
  void StartAt(uint64_t position);

  uint64_t next_position() const { return next_position_; }
  size_t bound() const { return bound_; }
  size_t size() const { return by_id_.size(); }

  RequestTableImage Freeze() const {
    return {.bound = bound_, .size = size(), .next_position = next_position_, .ring = ring_};
  }

  template <class Visit>
  void ForEach(Visit&& visit) const {  // oldest first
    for (uint64_t at = next_position_ - size(); at < next_position_; ++at) visit(ring_[SlotOf(at)]);
  }

 private:
  size_t SlotOf(uint64_t position) const { return position % bound_; }

  size_t bound_;
  SharedPages<RecordedRequest> ring_;
  PositionIndex by_id_;
  uint64_t next_position_ = 0;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_REQUEST_TABLE_H_
