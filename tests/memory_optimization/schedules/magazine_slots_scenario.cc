// The pools' magazines: an owner who takes and puts without a lock, and thieves who empty its
// magazine under the depot's mutex. The slow paths here are those of MagazineDepot in short.
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "memory_optimization/magazine_slots.h"
#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/model_atomics.h"
#include "tests/memory_optimization/schedules/protocol.h"
#include "tests/memory_optimization/schedules/scenarios.h"

namespace blixard::memory::schedules {
namespace {

using SoundOrders = internal::MagazineSlotsOrders<ModelAtomics>;

struct Item {
  ModelPlain<int> payload = 0;  // whoever holds the item writes it
  bool is_held = false;         // seen by the scenario at once, whatever the model hides
};

// All items wait in the magazine at first. Nobody may hold one that somebody else holds.
template <class Orders>
class Pool {
 public:
  static constexpr uint32_t kStacked = 2;
  static constexpr size_t kMaxItems = kStacked + 1;  // and the hot slot

  explicit Pool(size_t count) : count_(count) {
    if (Execution* run = Execution::Current()) {
      run->NameObject(&slots_, sizeof(slots_), "slots");
      run->NameObject(&items_, sizeof(items_), "items");
      run->NameObject(&mutex_, sizeof(mutex_), "depot mutex");
    }
    slots_.SetCapacity(kStacked);
    for (size_t i = 0; i < count_; ++i) Expect(slots_.TryPut(&items_[i]), "the item fits");
  }

  // The owner's.
  Item* Take() {
    Item* item = slots_.TryTake();
    if (item == nullptr) {
      const std::lock_guard lock(mutex_);
      item = SettleOwn();
      if (item == nullptr) item = slots_.Pop();
      if (item == nullptr) item = PopIdle();
      LeaveOwn();
    }
    if (item != nullptr) Hold(*item);
    return item;
  }
  void Put(Item* item) {
    Release(*item);
    if (slots_.TryPut(item)) return;
    const std::lock_guard lock(mutex_);
    SettleOwn();
    if (slots_.stacked() >= slots_.capacity()) {
      PushColdest((slots_.stacked() + 1) / 2);
    }
    slots_.Push(item);
    LeaveOwn();
  }
  // The owner leaves; another thread may become the owner.
  void Leave() {
    const std::lock_guard lock(mutex_);
    SettleOwn();
    PushColdest(slots_.stacked());
  }

  // Anybody else's.
  Item* TakeElsewhere(size_t max_items) {
    const std::lock_guard lock(mutex_);
    if (depot_count_ == 0 && slots_.Shut()) {
      slots_.Steal(max_items, [this](Item* item) { PushIdle(item); });
    }
    Item* item = PopIdle();
    if (item != nullptr) Hold(*item);
    return item;
  }
  void PutElsewhere(Item* item) {
    Release(*item);
    const std::lock_guard lock(mutex_);
    PushIdle(item);
  }

  // At the end, when nothing is held.
  void CheckNothingIsLost() {
    Leave();
    Expect(depot_count_ == count_, "every item is in the depot at the end");
    for (size_t i = 0; i < depot_count_; ++i) {
      for (size_t j = 0; j < i; ++j) Expect(depot_[i] != depot_[j], "no item is there twice");
    }
  }

 private:
  void PushColdest(uint32_t count) {
    slots_.TakeColdest(count, [this](auto first, auto last) {
      for (auto cold = first; cold != last; ++cold) PushIdle(static_cast<Item*>(*cold));
    });
  }
  static void Hold(Item& item) {
    Expect(!item.is_held, "an item has one holder");
    item.is_held = true;
    item.payload = item.payload + 1;
  }
  static void Release(Item& item) {
    item.payload = item.payload + 1;
    item.is_held = false;
  }
  Item* SettleOwn() {
    Item* item = slots_.Settle();
    slots_.StackHot();
    slots_.MarkLowest();
    return item;
  }
  void LeaveOwn() {
    if (slots_.stacked() > slots_.capacity()) slots_.TryPut(slots_.Pop());
    slots_.MarkLowest();
  }
  void PushIdle(Item* item) {
    Expect(depot_count_ < count_, "the depot holds no more items than exist");
    depot_[depot_count_++] = item;
  }
  Item* PopIdle() { return depot_count_ == 0 ? nullptr : depot_[--depot_count_]; }

  const size_t count_;
  ModelMutex mutex_;
  internal::MagazineSlots<Item*, kStacked, ModelAtomics, Orders> slots_;
  std::array<Item, kMaxItems> items_;
  std::array<Item*, kMaxItems> depot_ = {};
  size_t depot_count_ = 0;
};

// One owner, two thieves; who takes and puts when is up to the seed.
template <class Orders = SoundOrders>
class Steal {
 public:
  static constexpr int kThreads = 3;

  void Run(int thread) {
    if (thread == 0) {
      RunOwner(5);
    } else {
      RunThief(3);
    }
  }
  void Finish() { pool_.CheckNothingIsLost(); }

 protected:
  static Random& random() { return Execution::Current()->random(); }

  void RunOwner(int steps) {
    std::array<Item*, 2> held = {};
    for (int i = 0; i < steps; ++i) {
      Item*& item = held[random().Below(2)];
      if (item == nullptr) {
        item = pool_.Take();
      } else {
        pool_.Put(std::exchange(item, nullptr));
      }
    }
    for (Item* item : held) {
      if (item != nullptr) pool_.Put(item);
    }
  }
  void RunThief(int steps) {
    std::array<Item*, 2> held = {};
    for (int i = 0; i < steps; ++i) {
      Item*& item = held[random().Below(2)];
      if (item == nullptr) {
        item = pool_.TakeElsewhere(1 + random().Below(3));
      } else {
        pool_.PutElsewhere(std::exchange(item, nullptr));
      }
    }
    for (Item* item : held) {
      if (item != nullptr) pool_.PutElsewhere(item);
    }
  }

  Pool<Orders> pool_{1 + random().Below(Pool<Orders>::kMaxItems)};
};

// The magazine goes from one owner to the next while a thief is about.
template <class Orders = SoundOrders>
class HandOver : public Steal<Orders> {
 public:
  void Run(int thread) {
    if (thread == 2) return this->RunThief(2);
    while (turn_.load(std::memory_order_relaxed) != thread) ModelAtomics::Yield();
    const std::lock_guard lock(registry_);  // as LifetimeMutex() in front of the depot's
    this->RunOwner(2);
    this->pool_.Leave();
    turn_.store(thread + 1, std::memory_order_relaxed);
  }

 private:
  ModelMutex registry_;
  ModelAtomic<int> turn_ = 0;
};

struct NoBarrier : SoundOrders {
  static constexpr bool kBarrier = false;
};
struct NoLook : SoundOrders {
  static constexpr bool kLookAfterTake = false;
};
struct NoSettle : SoundOrders {
  static constexpr bool kSettle = false;
};
struct ForgetStolenHot : SoundOrders {
  static constexpr bool kKeepStolenHot = false;
};
struct RelaxedPublish : SoundOrders {
  static constexpr std::memory_order kPublish = std::memory_order_relaxed;
};
struct RelaxedObserve : SoundOrders {
  static constexpr std::memory_order kObserve = std::memory_order_relaxed;
};

// Free on x86-64, and needed where a barrier on every thread is not stronger than the fences of
// P1202; the reasons are why no schedule misses them.
std::vector<SpareOrder> SpareOrders() {
  return {{.function = "Push",
           .operation = Operation::kStore,
           .nth = 0,
           .reason = "the mutex hands over what is pushed under it"},
          {.function = "IsShut",
           .operation = Operation::kLoad,
           .nth = 0,
           .reason = "who sees the slots shut takes the mutex next"},
          {.function = "TryTakeStacked",
           .operation = Operation::kStore,
           .nth = 0,
           .reason = "a take of the hot item, with its compiler fence, comes between"}};
}

}  // namespace

Protocol MagazineStealProtocol() {
  const Explorer sound = ExplorerOf<Steal<>>();
  return {.name = "magazine_steal",
          .claim = "an item has one holder and none is lost while thieves empty a magazine",
          .explore = sound,
          .bugs = {BrokenScenario<Steal<NoBarrier>>("the thief issues no barrier"),
                   BrokenScenario<Steal<NoLook>>("the owner does not look whether it is shut"),
                   BrokenScenario<Steal<NoSettle>>("an attempted take always counts"),
                   BrokenScenario<Steal<ForgetStolenHot>>("the hot item is stolen twice"),
                   BrokenScenario<Steal<RelaxedPublish>>("puts publish nothing"),
                   BrokenScenario<Steal<RelaxedObserve>>("thieves acquire nothing"),
                   BrokenAccess("no compiler fence between take and look", sound,
                                {.function = "IsShut",
                                 .operation = Operation::kCompilerFence,
                                 .kind = Plant::Kind::kSkip})},
          .spare_orders = SpareOrders()};
}

Protocol MagazineHandOverProtocol() {
  return {.name = "magazine_hand_over",
          .claim = "a magazine goes from thread to thread with nothing lost",
          .explore = ExplorerOf<HandOver<>>(),
          .bugs = {BrokenScenario<HandOver<NoBarrier>>("the thief issues no barrier"),
                   BrokenScenario<HandOver<NoSettle>>("an attempted take always counts")},
          .spare_orders = SpareOrders()};
}

}  // namespace blixard::memory::schedules
