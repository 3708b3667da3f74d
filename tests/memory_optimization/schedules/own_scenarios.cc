// Two textbook structures of our own, to see that the explorer finds the textbook bugs: the stack
// of recycled nodes with a tag against ABA (Treiber, 1986), and the sequence lock (Boehm, "Can
// Seqlocks Get Along With Programming Language Memory Models?", MSPC 2012).
#include <array>
#include <atomic>
#include <cstdint>

#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/model_atomics.h"
#include "tests/memory_optimization/schedules/protocol.h"
#include "tests/memory_optimization/schedules/scenarios.h"

namespace blixard::memory::schedules {
namespace {

template <bool kHasTag>
class TaggedStack {
 public:
  static constexpr int kThreads = 3;

  TaggedStack() {
    for (uint32_t node = 1; node <= kNodes; ++node) Push(node);
  }

  void Run(int) {
    std::array<uint32_t, 2> popped = {};
    for (uint32_t& node : popped) node = Pop();
    for (const uint32_t node : popped) {
      if (node != 0) Push(node);
    }
  }
  void Finish() {
    uint32_t count = 0;
    while (count <= kNodes && Pop() != 0) ++count;
    Expect(count == kNodes, "every node is still there");
  }

 private:
  static constexpr uint32_t kNodes = 3;

  // The tag in the upper half, the number of the top node in the lower.
  static uint64_t Above(uint64_t top, uint32_t node) {
    return (kHasTag ? (top >> 32) + 1 : 0) << 32 | node;
  }

  void Push(uint32_t node) {
    if (Execution::Current()->thread() != 0) held_[node] = false;
    payload_[node] = payload_[node] + 1;
    uint64_t top = top_.load(std::memory_order_relaxed);
    do {
      next_[node].store(static_cast<uint32_t>(top), std::memory_order_relaxed);
    } while (!top_.compare_exchange_weak(top, Above(top, node), std::memory_order_release,
                                         std::memory_order_relaxed));
  }
  uint32_t Pop() {
    uint64_t top = top_.load(std::memory_order_acquire);
    uint32_t node = 0;
    do {
      node = static_cast<uint32_t>(top);
      if (node == 0) return 0;
    } while (!top_.compare_exchange_weak(top,
                                         Above(top, next_[node].load(std::memory_order_relaxed)),
                                         std::memory_order_acquire, std::memory_order_acquire));
    Expect(!held_[node], "a node has one holder");
    held_[node] = true;
    payload_[node] = payload_[node] + 1;
    return node;
  }

  ModelAtomic<uint64_t> top_ = 0;
  std::array<ModelAtomic<uint32_t>, kNodes + 1> next_;
  std::array<ModelPlain<int>, kNodes + 1> payload_;
  std::array<bool, kNodes + 1> held_ = {};
};

class SequenceLock {
 public:
  static constexpr int kThreads = 3;

  void Run(int thread) {
    for (int i = 1; i <= 2; ++i) {
      if (thread == 0) {
        Write(i);
      } else {
        Read();
      }
    }
  }

 private:
  void Write(int value) {
    const uint32_t sequence = sequence_.load(std::memory_order_relaxed);
    sequence_.store(sequence + 1, std::memory_order_relaxed);
    ModelAtomics::Fence(std::memory_order_release);
    left_.store(value, std::memory_order_relaxed);
    right_.store(value, std::memory_order_relaxed);
    sequence_.store(sequence + 2, std::memory_order_release);
  }
  void Read() {
    for (;;) {
      const uint32_t before = sequence_.load(std::memory_order_acquire);
      const int left = left_.load(std::memory_order_relaxed);
      const int right = right_.load(std::memory_order_relaxed);
      ModelAtomics::Fence(std::memory_order_acquire);
      const uint32_t after = sequence_.load(std::memory_order_relaxed);
      if (before == after && before % 2 == 0) {
        return Expect(left == right, "both halves are of one write");
      }
      ModelAtomics::Yield();
    }
  }

  ModelAtomic<uint32_t> sequence_ = 0;
  ModelAtomic<int> left_ = 0;
  ModelAtomic<int> right_ = 0;
};

}  // namespace

Protocol TaggedStackProtocol() {
  return {.name = "tagged_stack",
          .claim = "a node of a lock-free stack has one holder and none is lost",
          .explore = ExplorerOf<TaggedStack<true>>(),
          .bugs = {BrokenScenario<TaggedStack<false>>("the tag is missing: ABA"),
                   BrokenAccess("a pop is not atomic", ExplorerOf<TaggedStack<true>>(),
                                {.function = "Pop",
                                 .operation = Operation::kCompareExchange,
                                 .kind = Plant::Kind::kTear})}};
}

Protocol SequenceLockProtocol() {
  const Explorer sound = ExplorerOf<SequenceLock>();
  return {
      .name = "sequence_lock",
      .claim = "a reader never sees half of a write",
      .explore = sound,
      .bugs = {
          BrokenAccess(
              "the writer's fence is missing", sound,
              {.function = "Write", .operation = Operation::kFence, .kind = Plant::Kind::kSkip}),
          BrokenAccess(
              "the reader's fence is missing", sound,
              {.function = "Read", .operation = Operation::kFence, .kind = Plant::Kind::kSkip}),
          BrokenAccess(
              "the first step of the writer is missing", sound,
              {.function = "Write", .operation = Operation::kStore, .kind = Plant::Kind::kSkip})}};
}

}  // namespace blixard::memory::schedules
