// Protocol Buffers: a pooled message that is cleared keeps its strings' capacity and allocates
// nothing; protobuf::Arena does not help, since its strings stay on the heap.
#include <glog/logging.h>
#include <google/protobuf/wrappers.pb.h>

#include <string>

#include "memory_optimization/allocation_tracker.h"
#include "memory_optimization/object_pool.h"

using blixard::memory::AllocationTracker;
using blixard::memory::ObjectPool;
using google::protobuf::StringValue;

int main() {
  ObjectPool<StringValue> pool("messages", {.max_size = 4});  // Clear() is run on release
  const std::string wire = [] {
    StringValue message;
    message.set_value(std::string(500, 'x'));
    return message.SerializeAsString();
  }();
  const auto receive = [&] {
    const auto message = pool.Acquire();
    CHECK(message->ParseFromString(wire));
    CHECK_EQ(message->value().size(), 500u);
  };
  receive();
  AllocationTracker tracker("steady messages");
  for (int i = 0; i < 100; ++i) receive();
  CHECK_EQ(tracker.Finish().Print().allocations, 0u);
}
