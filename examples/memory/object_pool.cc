// Requests keep the capacity of their strings from one user to the next: steady traffic allocates
// nothing, which the program counts.
#include "memory_optimization/object_pool.h"

#include <glog/logging.h>

#include <string>

#include "memory_optimization/allocation_tracker.h"

using blixard::memory::AllocationTracker;
using blixard::memory::ObjectPool;
using blixard::memory::Pooled;

struct Request {
  std::string body;
  void Reset() { body.clear(); }  // run on release: no trace of the last user, capacity kept
};

void Serve(ObjectPool<Request>& pool) {
  Pooled<Request> request = pool.Acquire();
  CHECK(request) << "all of max_size are out: answer \"busy\"";
  request->body.assign(1000, 'x');
}  // back in the pool

int main() {
  ObjectPool<Request> pool("requests", {.min_size = 2, .max_size = 4});
  pool.Warm();
  Serve(pool);
  AllocationTracker tracker("steady requests");
  for (int i = 0; i < 1000; ++i) Serve(pool);
  CHECK_EQ(tracker.Finish().Print().allocations, 0u);
  CHECK_EQ(pool.Stats().live, 0u);
}
