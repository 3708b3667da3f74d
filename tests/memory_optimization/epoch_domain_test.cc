#include "memory_optimization/epoch_domain.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace blixard::memory {
namespace {

struct Node : EpochRetired {
  explicit Node(int* released_count) : released(released_count) {
    release = [](EpochRetired* self) {
      Node* node = static_cast<Node*>(self);
      ++*node->released;
      delete node;
    };
  }
  int* released;
};

TEST(EpochDomainTest, ReleasesWhatNoGuardCanSee) {
  int released = 0;
  EpochDomain domain;
  domain.Retire(new Node(&released));
  EXPECT_EQ(domain.waiting(), 1u);
  domain.Collect();
  EXPECT_EQ(released, 0);
  EXPECT_EQ(domain.Collect(), 1u);
  EXPECT_EQ(released, 1);
  EXPECT_EQ(domain.waiting(), 0u);
}

TEST(EpochDomainTest, AGuardHoldsBackWhatIsRetiredWhileItIsOpen) {
  int released = 0;
  EpochDomain domain;
  auto guard = std::unique_ptr<EpochGuard>();
  guard = std::make_unique<EpochGuard>(domain);
  domain.Retire(new Node(&released));
  for (int i = 0; i < 10; ++i) domain.Collect();
  EXPECT_EQ(released, 0);
  guard.reset();
  for (int i = 0; i < 2; ++i) domain.Collect();
  EXPECT_EQ(released, 1);
}

TEST(EpochDomainTest, ALaterGuardDoesNotHoldBackWhatWasRetiredLongBefore) {
  int released = 0;
  EpochDomain domain;
  domain.Retire(new Node(&released));
  domain.Collect();
  const EpochGuard guard(domain);
  domain.Collect();
  EXPECT_EQ(released, 1);
}

TEST(EpochDomainTest, GuardsNestAndCloseInAnyOrder) {
  int released = 0;
  EpochDomain domain;
  auto outer = std::unique_ptr<EpochGuard>();
  auto inner = std::unique_ptr<EpochGuard>();
  outer = std::make_unique<EpochGuard>(domain);
  inner = std::make_unique<EpochGuard>(domain);
  domain.Retire(new Node(&released));
  outer.reset();
  for (int i = 0; i < 4; ++i) domain.Collect();
  EXPECT_EQ(released, 0);
  std::thread([&] { inner.reset(); }).join();
  for (int i = 0; i < 2; ++i) domain.Collect();
  EXPECT_EQ(released, 1);
}

TEST(EpochDomainTest, RetiringCollectsByItself) {
  int released = 0;
  EpochDomain domain;
  for (int i = 0; i < 1'000; ++i) domain.Retire(new Node(&released));
  EXPECT_GT(released, 800);
}

TEST(EpochDomainTest, TheDestructorReleasesWhatIsLeft) {
  int released = 0;
  {
    EpochDomain domain;
    for (int i = 0; i < 10; ++i) domain.Retire(new Node(&released));
  }
  EXPECT_EQ(released, 10);
}

// Readers follow a pointer that a writer swaps and retires all the time; sanitizers see every
// access after the release.
TEST(EpochDomainTest, ReadersNeverFollowAReleasedPointer) {
  struct Value : EpochRetired {
    explicit Value(int v) : a(v), b(-v) {
      release = [](EpochRetired* self) { delete static_cast<Value*>(self); };
    }
    int a;
    int b;
  };
  EpochDomain domain;
  std::atomic<Value*> shared = new Value(1);
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t) {
    readers.emplace_back([&] {
      while (!done) {
        const EpochGuard guard(domain);
        const Value* value = shared.load(std::memory_order_acquire);
        ASSERT_EQ(value->a, -value->b);
      }
    });
  }
  for (int i = 2; i < 20'000; ++i) {
    domain.Retire(shared.exchange(new Value(i), std::memory_order_acq_rel));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  delete shared.load();
}

TEST(EpochDomainDeathTest, AGuardThatOutlivesItsDomainIsNoticed) {
  EXPECT_DEATH(
      {
        int released = 0;
        auto guard = std::unique_ptr<EpochGuard>();
        EpochDomain domain;
        guard = std::make_unique<EpochGuard>(domain);
        domain.Retire(new Node(&released));
      },
      "an EpochGuard outlives its EpochDomain");
}

}  // namespace
}  // namespace blixard::memory
