// A pool hides its objects from tools that watch malloc, so it tells them itself: here its own leak
// report, which names the line that took what never came back.
#include <glog/logging.h>

#include <string>

#include "memory_optimization/object_pool.h"

using blixard::memory::ObjectPool;
using blixard::memory::OnLeak;

int main() {
  google::LogToStderr();
  std::string* forgotten = nullptr;
  {
    ObjectPool<std::string> pool(
        "texts", {.max_size = 4, .on_leak = OnLeak::kReport, .record_call_sites = true});
    forgotten = pool.Acquire().Detach();  // reported with this file and line
    CHECK_EQ(pool.Stats().live, 1u);
  }
  CHECK(forgotten->empty());  // kReport: the object outlives its pool
}
