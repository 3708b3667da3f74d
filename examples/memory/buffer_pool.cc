// Blocks for payloads and lists for requests, both given back with their memory.
#include "memory_optimization/buffer_pool.h"

#include <glog/logging.h>

#include "memory_optimization/vector_pool.h"

using blixard::memory::Buffer;
using blixard::memory::BufferPool;
using blixard::memory::PooledVector;
using blixard::memory::VectorPool;

int main() {
  BufferPool pool;
  const Buffer payload = pool.AcquireCopy("encoded once").value();
  const Buffer for_the_log = payload;  // a share of the same block
  CHECK(for_the_log.data() == payload.data());

  VectorPool<int> lists("candidates", {.max_size = 8});
  const void* place = nullptr;
  {
    const PooledVector<int> list = lists.Acquire();
    list->assign(500, 7);
    place = list->data();
  }
  const PooledVector<int> list = lists.Acquire();
  CHECK(list->empty());
  CHECK_GE(list->capacity(), 500u);
  CHECK(list->data() == place);
}
