// Reclamation by epochs, and counted texts on top of it: a text found without a lock is readable
// until its guard closes, and whoever drops the last reference buries it, even while the same text
// is interned again.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "memory_optimization/epoch_counters.h"
#include "memory_optimization/live_count.h"
#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/model_atomics.h"
#include "tests/memory_optimization/schedules/protocol.h"
#include "tests/memory_optimization/schedules/scenarios.h"

namespace blixard::memory::schedules {
namespace {

Random& SeededRandom() { return Execution::Current()->random(); }

// EpochDomain in short, for nodes of one type with a `next`.
template <class Node, class Rules>
class Domain {
 public:
  using Counters = internal::EpochCounters<ModelAtomics, Rules, 2>;

  auto* Enter() { return counters_.Enter(static_cast<size_t>(Execution::Current()->thread())); }
  void Retire(Node* node) {
    const std::lock_guard lock(mutex_);
    Node*& list = retired_[counters_.current() % 3];
    node->next = std::exchange(list, node);
    ++waiting_;
  }
  void Collect() {
    Node* list = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (!counters_.TryAdvance()) return;
      list = std::exchange(retired_[(counters_.current() + 1) % 3], nullptr);
    }
    while (list != nullptr) {
      ModelAtomics::Delete(std::exchange(list, list->next));
      --waiting_;
    }
  }
  void CheckNothingIsLost() {
    for (int epoch = 0; epoch < 3; ++epoch) Collect();
    Expect(waiting_ == 0, "what is retired is released in the end");
  }

 private:
  Counters counters_;
  ModelMutex mutex_;
  std::array<Node*, 3> retired_ = {};
  int waiting_ = 0;
};

// Two readers look at what a cell names while a writer replaces, retires and collects.
template <class Rules = internal::EpochRules>
class Replaced {
 public:
  static constexpr int kThreads = 3;

  Replaced() : cell_(ModelAtomics::New<Node>()) {
    if (Execution* run = Execution::Current()) {
      run->NameObject(&cell_, sizeof(cell_), "cell");
      run->NameObject(&domain_, sizeof(domain_), "domain");
    }
  }

  void Run(int thread) {
    if (thread == 0) {
      for (int i = 0; i < 5; ++i) Write();
    } else {
      for (int i = 0; i < 2; ++i) Read();
    }
  }
  void Finish() { domain_.CheckNothingIsLost(); }

 private:
  struct Node {
    ModelPlain<int> value = 7;
    Node* next = nullptr;
  };

  void Write() {
    if (SeededRandom().OneIn(2)) return domain_.Collect();
    Node* old = cell_.load(std::memory_order_relaxed);
    cell_.store(ModelAtomics::New<Node>(), std::memory_order_release);
    domain_.Retire(old);
  }
  void Read() {
    auto* guard = domain_.Enter();
    const Node* node = cell_.load(std::memory_order_acquire);
    Expect(node->value == 7, "a node under a guard is whole");
    Domain<Node, Rules>::Counters::Leave(guard);
  }

  ModelAtomic<Node*> cell_;
  Domain<Node, Rules> domain_;
};

// CountedStringPool in short, for one text. Everybody interns it, holds it, lets go of it.
template <class CountRules = internal::LiveCountRules, class EpochRules = internal::EpochRules>
class CountedText {
 public:
  static constexpr int kThreads = 3;

  void Run(int) {
    for (int i = 0; i < 2; ++i) {
      Text* text = Intern();
      Expect(held_ == nullptr || held_ == text, "equal texts have one handle");
      held_ = text;
      ++holders_;
      Expect(text->value == 7, "a held text is whole");
      if (--holders_ == 0) held_ = nullptr;
      Drop(text);
      if (SeededRandom().OneIn(2)) domain_.Collect();
    }
  }
  void Finish() {
    Expect(cell_.load(std::memory_order_relaxed) == nullptr, "a text nobody holds is taken out");
    domain_.CheckNothingIsLost();
    Expect(buried_ == created_, "every text is buried once");
  }

 private:
  struct Text {
    internal::LiveCount<ModelAtomics, CountRules> references = {};
    ModelPlain<int> value = 7;
    Text* next = nullptr;
  };

  Text* Intern() {
    auto* guard = domain_.Enter();
    Text* found = cell_.load(std::memory_order_acquire);
    const bool alive = found != nullptr && found->references.TryAdd();
    Domain<Text, EpochRules>::Counters::Leave(guard);
    return alive ? found : InternNew();
  }
  // A text that died but is not yet taken out gives way to the new one.
  Text* InternNew() {
    const std::lock_guard lock(mutex_);
    Text* found = cell_.load(std::memory_order_relaxed);
    if (found != nullptr && found->references.TryAdd()) return found;
    Text* text = ModelAtomics::New<Text>();
    ++created_;
    cell_.store(text, std::memory_order_release);
    return text;
  }
  void Drop(Text* text) {
    if (!text->references.Drop()) return;
    ++buried_;
    {
      const std::lock_guard lock(mutex_);
      if (cell_.load(std::memory_order_relaxed) == text) {
        cell_.store(nullptr, std::memory_order_relaxed);
      }
    }
    domain_.Retire(text);
  }

  ModelMutex mutex_;
  ModelAtomic<Text*> cell_ = nullptr;
  Domain<Text, EpochRules> domain_;
  // What is true at once, whatever the model hides from threads.
  Text* held_ = nullptr;
  int holders_ = 0;
  int created_ = 0;
  int buried_ = 0;
};

struct NoRecheck : internal::EpochRules {
  static constexpr bool kRecheckEpoch = false;
};
struct NoScan : internal::EpochRules {
  static constexpr bool kScanReaders = false;
};
struct RelaxedEnter : internal::EpochRules {
  static constexpr std::memory_order kEnter = std::memory_order_relaxed;
};
struct AcquireEnter : internal::EpochRules {
  static constexpr std::memory_order kEnter = std::memory_order_acquire;
};
struct RelaxedLeave : internal::EpochRules {
  static constexpr std::memory_order kLeave = std::memory_order_relaxed;
};
struct RelaxedScan : internal::EpochRules {
  static constexpr std::memory_order kScan = std::memory_order_relaxed;
};
struct Rises : internal::LiveCountRules {
  static constexpr bool kStaysDead = false;
};
struct RelaxedDrop : internal::LiveCountRules {
  static constexpr std::memory_order kDrop = std::memory_order_relaxed;
};

std::vector<SpareOrder> SpareOrders() {
  return {{.function = "Enter",
           .operation = Operation::kLoad,
           .nth = 0,
           .reason = "the second look at the epoch decides, and acquires"},
          {.function = "Enter",
           .operation = Operation::kAdd,
           .nth = 1,
           .reason = "a stay that is taken back saw nothing"}};
}

}  // namespace

Protocol EpochProtocol() {
  return {.name = "epochs",
          .claim = "nothing is released that an open guard may see, and all is released in the end",
          .explore = ExplorerOf<Replaced<>>(),
          .bugs = {BrokenScenario<Replaced<NoRecheck>>("a reader trusts the epoch it read first"),
                   BrokenScenario<Replaced<NoScan>>("epochs pass without a look at the readers"),
                   BrokenScenario<Replaced<RelaxedEnter>>("entering orders nothing"),
                   BrokenScenario<Replaced<AcquireEnter>>("entering is not in the total order"),
                   BrokenScenario<Replaced<RelaxedLeave>>("leaving does not release"),
                   BrokenScenario<Replaced<RelaxedScan>>("the scan orders nothing")},
          .spare_orders = SpareOrders()};
}

Protocol CountedTextProtocol() {
  const Explorer sound = ExplorerOf<CountedText<>>();
  return {
      .name = "counted_text",
      .claim = "a text that dies while it is interned again is buried once",
      .explore = sound,
      .bugs = {BrokenScenario<CountedText<Rises>>("a dead count rises again"),
               BrokenScenario<CountedText<RelaxedDrop>>("drops order nothing"),
               BrokenScenario<CountedText<internal::LiveCountRules, NoScan>>(
                   "epochs pass without a look at the readers"),
               BrokenAccess(
                   "drops are not atomic", sound,
                   {.function = "Drop", .operation = Operation::kAdd, .kind = Plant::Kind::kTear})},
      .spare_orders = SpareOrders()};
}

}  // namespace blixard::memory::schedules
