// Uses a pool in the way its argument names, for a memory tool to watch. Prints nothing itself.
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "memory_optimization/object_pool.h"

namespace {

struct Message {
  char bytes[64] = {};
};
using Pool = blixard::memory::ObjectPool<Message>;

[[gnu::noinline]] char ReadReleased(Pool& pool) {
  blixard::memory::Pooled<Message> message = pool.Acquire();
  const volatile char* bytes = message->bytes;
  message = {};
  return *bytes;
}

[[gnu::noinline]] void LeakOne(Pool& pool) {
  [[maybe_unused]] static Message* lost = pool.Acquire().Detach();
}

void UseMany(Pool& pool) {
  for (int i = 0; i < 1000; ++i) std::memset(pool.Acquire()->bytes, i, sizeof(Message));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string use = argc == 2 ? argv[1] : "";
  // Never destroyed, so that what is out at the end is for the tool to find.
  static auto& pool = *new Pool("messages", {.max_size = 4});
  if (use == "well") {
    UseMany(pool);
  } else if (use == "after-release") {
    ReadReleased(pool);
  } else if (use == "leak") {
    LeakOne(pool);
  } else {
    std::fprintf(stderr, "watched_pool: want well, after-release or leak\n");
    return 2;
  }
}
