// Shares of a block: everybody reads, who is alone writes, the last one out deletes.
#include <atomic>

#include "memory_optimization/reference_count.h"
#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/model_atomics.h"
#include "tests/memory_optimization/schedules/protocol.h"
#include "tests/memory_optimization/schedules/scenarios.h"

namespace blixard::memory::schedules {
namespace {

template <class Orders = internal::ReferenceOrders>
class Shares {
 public:
  static constexpr int kThreads = 3;

  Shares() : block_(ModelAtomics::New<Block>()) {
    block_->references.Start();
    for (int thread = 1; thread < kThreads; ++thread) block_->references.Share();
  }

  void Run(int) {
    Random& random = Execution::Current()->random();
    int shares = 1;
    for (int i = 0; i < 3 && shares > 0; ++i) {
      Use();
      if (random.OneIn(3)) {
        block_->references.Share();
        ++shares;
      } else {
        Drop();
        --shares;
      }
    }
    for (; shares > 0; --shares) Drop();
  }
  void Finish() { Expect(deleted_ == 1, "the block is deleted exactly once"); }

 private:
  struct Block {
    internal::ReferenceCount<ModelAtomics, Orders> references;
    ModelPlain<int> bytes = 0;
  };

  void Use() {
    Expect(block_->bytes >= 0, "the bytes are readable");
    if (block_->references.IsAlone()) block_->bytes = block_->bytes + 1;
  }
  void Drop() {
    if (!block_->references.Drop()) return;
    ++deleted_;
    ModelAtomics::Delete(block_);
  }

  Block* block_;
  int deleted_ = 0;
};

struct RelaxedAlone : internal::ReferenceOrders {
  static constexpr std::memory_order kAlone = std::memory_order_relaxed;
};
struct AcquireDrop : internal::ReferenceOrders {
  static constexpr std::memory_order kDrop = std::memory_order_acquire;
};
struct ReleaseDrop : internal::ReferenceOrders {
  static constexpr std::memory_order kDrop = std::memory_order_release;
};

}  // namespace

Protocol ReferenceCountProtocol() {
  const Explorer sound = ExplorerOf<Shares<>>();
  return {
      .name = "reference_count",
      .claim = "a block is written by a sole holder only, and deleted once, by the last",
      .explore = sound,
      .bugs = {BrokenScenario<Shares<RelaxedAlone>>("who is alone does not acquire"),
               BrokenScenario<Shares<AcquireDrop>>("drops do not release"),
               BrokenScenario<Shares<ReleaseDrop>>("the last drop does not acquire"),
               BrokenAccess(
                   "drops are not atomic", sound,
                   {.function = "Drop", .operation = Operation::kAdd, .kind = Plant::Kind::kTear}),
               BrokenAccess("everybody believes to be alone", sound,
                            {.function = "IsAlone",
                             .operation = Operation::kLoad,
                             .kind = Plant::Kind::kReturn,
                             .value = 1})}};
}

}  // namespace blixard::memory::schedules
