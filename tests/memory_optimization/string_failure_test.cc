// Every public operation of the string pools and small text types with each of its allocations
// failing in turn.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "memory_optimization/counted_string_pool.h"
#include "memory_optimization/cow.h"
#include "memory_optimization/epoch_string_pool.h"
#include "memory_optimization/interned_constant.h"
#include "memory_optimization/string_pool.h"
#include "tests/memory_optimization/failure_walk.h"

namespace blixard::memory {
namespace {

constexpr InternedString kConstant[] = {kInterned<"constant">};

struct Pools {
  StringPool pool{{.name = "failing strings of a long name", .max_strings = 2}};
  CountedStringPool counted{{.name = "failing strings of a long name", .max_strings = 2}};
  EpochStringPool erasable{{.name = "failing strings of a long name", .max_strings = 2}};
  std::optional<StringNamespace> space;
};

TEST(StringFailureTest, MakingAPoolLeavesNothingBehind) {
  struct Empty {
    std::optional<StringPool> pool;
    std::optional<CountedStringPool> counted;
    std::optional<EpochStringPool> erasable;
  };
  EXPECT_FAILURE_SAFE(FailureWalk<Empty>{
      .operation = [options = StringPoolOptions{.name = "a name that needs the heap"}](Empty& e) {
        e.pool.emplace(options);
        e.counted.emplace(options);
        e.erasable.emplace(options);
      }});
}

TEST(StringFailureTest, InterningIsDoneOrNothingHappened) {
  EXPECT_FAILURE_SAFE(
      FailureWalk<Pools>{.operation = [](Pools& p) { return p.pool.Intern("some text"); },
                         .check = [](Pools& p) { EXPECT_LE(p.pool.Stats().strings, 1u); }});
  EXPECT_FAILURE_SAFE(FailureWalk<Pools>{
      .operation = [](Pools& p) { return p.counted.Intern("some text"); },
      .check = [](Pools& p) { EXPECT_FALSE(p.counted.Find("some text").has_value()); }});
  EXPECT_FAILURE_SAFE(FailureWalk<Pools>{.operation = [](Pools& p) {
    const EpochGuard guard(p.erasable.domain());
    return p.erasable.Intern("some text", guard).ok() && p.erasable.Erase("some text");
  }});
}

TEST(StringFailureTest, ARefusalIsARefusalOrBadAlloc) {
  EXPECT_FAILURE_SAFE(FailureWalk<Pools>{
      .setup =
          [] {
            auto pools = std::make_unique<Pools>();
            EXPECT_TRUE(pools->pool.Intern("a").ok() && pools->pool.Intern("b").ok());
            return pools;
          },
      .operation = [](Pools& p) { return !p.pool.Intern("one too many").ok(); },
      .check = [](Pools& p) { EXPECT_EQ(p.pool.Stats().strings, 2u); }});
  EXPECT_FAILURE_SAFE(FailureWalk<Pools>{
      .operation = [](Pools& p) { return !p.pool.Intern(std::string(40'000, 'x')).ok(); },
      .check = [](Pools& p) { EXPECT_EQ(p.pool.Stats().strings, 0u); }});
}

TEST(StringFailureTest, NamespacesAreAddedOrNot) {
  EXPECT_FAILURE_SAFE(FailureWalk<Pools>{.operation = [](Pools& p) {
    auto space = p.pool.AddNamespace({.name = "a namespace that needs the heap"});
    if (space.ok()) p.space = *space;
    return space.ok() && p.space->Intern("text").ok();
  }});
}

TEST(StringFailureTest, ConstantsAreAdoptedOrNot) {
  EXPECT_FAILURE_SAFE(
      FailureWalk<Pools>{.operation = [](Pools& p) { return p.pool.Adopt(kConstant); },
                         .check = [](Pools& p) { EXPECT_LE(p.pool.Stats().strings, 1u); }});
}

TEST(StringFailureTest, ABorrowedTextStaysBorrowedWhenItCannotBeCopied) {
  struct Borrowed {
    std::string text = "a text too long to be held in place, hence on the heap";
    Cow cow = Cow::Borrowed(text);
  };
  EXPECT_FAILURE_SAFE(
      FailureWalk<Borrowed>{.operation = [](Borrowed& b) { b.cow.ToOwned(); },
                            .check = [](Borrowed& b) { EXPECT_EQ(b.cow, b.text); }});
  EXPECT_FAILURE_SAFE(
      FailureWalk<Borrowed>{.operation =
                                [](Borrowed& b) {
                                  Cow copy = b.cow;
                                  copy.ToOwned();
                                  b.cow = copy;
                                },
                            .check = [](Borrowed& b) { EXPECT_EQ(b.cow, b.text); }});
}

}  // namespace
}  // namespace blixard::memory
