#include "tests/simulation/event_queue.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::raft {
namespace {

bool Later(const Event& a, const Event& b) {
  return a.time != b.time ? a.time > b.time : a.order > b.order;
}

}  // namespace

void EventQueue::Push(Event event) {
  event.order = ++pushed_;
  heap_.push_back(event);
  std::push_heap(heap_.begin(), heap_.end(), Later);
}

Event EventQueue::Pop() {
  CHECK(!heap_.empty());
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  const Event event = heap_.back();
  heap_.pop_back();
  return event;
}

}  // namespace blixard::raft
