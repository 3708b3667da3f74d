// The table of the string pools: readers search while one writer inserts, erases and splits. A text
// whose insertion happened before a search is found by it, one whose removal happened before is
// not, and one that stays is found by every search whatever is moved meanwhile.
#include <array>
#include <cstddef>
#include <cstdint>

#include "memory_optimization/text_buckets.h"
#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/model_atomics.h"
#include "tests/memory_optimization/schedules/protocol.h"
#include "tests/memory_optimization/schedules/scenarios.h"

namespace blixard::memory::schedules {
namespace {

using Bucket = internal::TextBucket<ModelAtomics>;

// Spare buckets 1 and 2; what is returned is emptied and given out again.
struct Spares {
  std::array<Bucket, 3> buckets;
  std::array<uint32_t, 2> free = {2, 1};
  size_t free_count = 2;

  Bucket* At(uint32_t reference) { return &buckets[reference]; }
  uint32_t Take() { return free_count == 0 ? 0 : free[--free_count]; }
  void Return(uint32_t reference) { free[free_count++] = reference; }
};

struct Text {
  ModelPlain<uint64_t> hash;
};

// References are 1, 2, 3 and so on. `kTexts` are in the table at the start.
template <class Rules, uint32_t kTexts>
class Table {
 public:
  static constexpr int kThreads = 3;

  Table() : table_(buckets_.data(), 1, &spares_) {
    for (uint32_t i = 1; i <= kTexts; ++i) Insert(i);
    if (Execution* run = Execution::Current()) {
      run->NameObject(&buckets_, sizeof(buckets_), "buckets");
      run->NameObject(&spares_, sizeof(spares_), "spares");
      run->NameObject(&table_, sizeof(table_), "table");
    }
  }

 protected:
  // Neighbours share a tag, so that tags alone decide nothing; odd ones move when the table splits.
  static uint64_t HashOf(uint32_t reference) {
    return uint64_t{(reference + 1) / 2} << 56 | uint64_t{reference} << 8 | (reference & 1);
  }
  struct Period {
    uint16_t begin = 0;  // by the writer's clock; 0: not yet
    uint16_t end = 0;
  };

  void Insert(uint32_t reference) {
    texts_[reference] = ModelAtomics::New<Text>(HashOf(reference));
    Expect(table_.Insert(HashOf(reference), reference), "there is a spare bucket");
    inserted_[reference] = {.begin = 1, .end = Execution::Current()->Now()};
  }
  void Erase(uint32_t reference) {
    erased_[reference].begin = 1;
    Expect(table_.Erase(HashOf(reference), reference), "what was inserted can be erased");
    erased_[reference].end = Execution::Current()->Now();
  }
  void Split() {
    const auto hash_of = [this](uint32_t reference) {
      return static_cast<uint64_t>(texts_[reference]->hash);
    };
    Expect(table_.Split(hash_of), "there are spare buckets");
  }

  void Find(uint32_t reference) {
    constexpr int kWriter = 1;
    const uint16_t known = Execution::Current()->Happened().At(kWriter);
    const bool must = inserted_[reference].end != 0 &&
                      (inserted_[reference].end <= known || reference <= kTexts) &&
                      erased_[reference].begin == 0;
    const bool must_not = erased_[reference].end != 0 && erased_[reference].end <= known;
    const uint64_t hash = HashOf(reference);
    const uint32_t found = table_.Find(hash, [&](uint32_t candidate) {
      Expect(candidate != 0, "a reference is there before its tag");
      return texts_[candidate]->hash == hash;
    });
    Expect(found == 0 || found == reference, "what is found is what was looked for");
    if (must && erased_[reference].begin == 0) Expect(found != 0, "a text in the table is found");
    if (must_not) Expect(found == 0, "an erased text is not found");
  }

 private:
  static constexpr size_t kMaxTexts = 18;

  std::array<Bucket, 2> buckets_;
  Spares spares_;
  internal::TextBuckets<ModelAtomics, Spares, Rules> table_;
  std::array<Text*, kMaxTexts> texts_ = {};
  std::array<Period, kMaxTexts> inserted_ = {};
  std::array<Period, kMaxTexts> erased_ = {};
};

// A bucket of three is split while two more texts come.
template <class Rules = internal::TextBucketsRules>
class Growth : public Table<Rules, 3> {
 public:
  void Run(int thread) {
    if (thread != 0) {
      for (int i = 0; i < 3; ++i) this->Find(1 + Execution::Current()->random().Below(5));
      return;
    }
    this->Insert(4);
    this->Split();
    this->Insert(5);
  }
};

// A full bucket continues in a spare one; erasing shrinks and unlinks it, inserting links it again.
template <class Rules = internal::TextBucketsRules>
class Chain : public Table<Rules, 13> {
 public:
  void Run(int thread) {
    if (thread != 0) {
      for (int i = 0; i < 2; ++i) this->Find(kLooked[Execution::Current()->random().Below(4)]);
      return;
    }
    this->Erase(2);
    this->Insert(14);
    this->Insert(15);
  }

 private:
  static constexpr std::array<uint32_t, 4> kLooked = {1, 13, 14, 2};
};

struct NoCount : internal::TextBucketsRules {
  static constexpr bool kCountMoves = false;
};
struct NoRecheck : internal::TextBucketsRules {
  static constexpr bool kRecheckMisses = false;
};
struct RelaxedPublish : internal::TextBucketsRules {
  static constexpr std::memory_order kPublish = std::memory_order_relaxed;
};
struct RelaxedObserve : internal::TextBucketsRules {
  static constexpr std::memory_order kObserve = std::memory_order_relaxed;
};

}  // namespace

Protocol TextTableGrowthProtocol() {
  return {.name = "text_table_growth",
          .claim = "a search finds every text in the table while a bucket is split",
          .explore = ExplorerOf<Growth<>>(),
          .bugs = {BrokenScenario<Growth<NoCount>>("moves are not counted"),
                   BrokenScenario<Growth<NoRecheck>>("a miss is believed at once"),
                   BrokenScenario<Growth<RelaxedPublish>>("nothing is published"),
                   BrokenScenario<Growth<RelaxedObserve>>("nothing is acquired")},
          .spare_orders = {{.function = "FindInChain",
                            .operation = Operation::kLoad,
                            .nth = 0,
                            .reason = "no slot is used twice here; see the chain"},
                           {.function = "Fill",
                            .operation = Operation::kStore,
                            .nth = 0,
                            .reason = "no slot is used twice here; see the chain"}}};
}

Protocol TextTableChainProtocol() {
  return {.name = "text_table_chain",
          .claim = "a search finds every text in the table while a chain shrinks and grows",
          .explore = ExplorerOf<Chain<>>(),
          .bugs = {BrokenScenario<Chain<NoCount>>("moves are not counted"),
                   BrokenScenario<Chain<NoRecheck>>("a miss is believed at once"),
                   BrokenScenario<Chain<RelaxedPublish>>("nothing is published"),
                   BrokenScenario<Chain<RelaxedObserve>>("nothing is acquired")},
          .spare_orders = {{.function = "Find",
                            .operation = Operation::kLoad,
                            .nth = 1,
                            .reason = "the shape is constant here; see the growing table"}}};
}

}  // namespace blixard::memory::schedules
