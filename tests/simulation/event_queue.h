// What happens next in a simulated world: events in the order of virtual time, and of their making
// where times are equal, so that a run depends on nothing but its seed.
#ifndef BLIXARD_TESTS_SIMULATION_EVENT_QUEUE_H_
#define BLIXARD_TESTS_SIMULATION_EVENT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace blixard::raft {

// Nanoseconds since the world began.
using VirtualTime = int64_t;

inline constexpr VirtualTime kMicrosecond = 1'000;
inline constexpr VirtualTime kMillisecond = 1'000'000;
inline constexpr VirtualTime kSecond = 1'000'000'000;

struct Event {
  VirtualTime time = 0;
  uint64_t order = 0;  // set by the queue
  uint8_t kind = 0;    // what `a` and `b` mean is the owner's business
  uint32_t a = 0;
  uint64_t b = 0;
};

// A binary heap. Not thread-safe; holds as many events as the world has things going on.
class EventQueue {
 public:
  void Push(Event event);

  // The earliest; CHECKs that there is one.
  Event Pop();

  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  VirtualTime next_time() const { return heap_.front().time; }

 private:
  std::vector<Event> heap_;
  uint64_t pushed_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_EVENT_QUEUE_H_
