#include "scheduler/traces/events.h"

#include <cinttypes>
#include <cstdio>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scheduler/traces/splitmix64.h"

namespace blixard::scheduler::traces {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Resources kSize = {.vcpu_milli = 1000, .memory_mib = 1024};

Event Create(double time_days, uint32_t vm) {
  return {.time_days = time_days, .vm = vm, .kind = EventKind::kCreate};
}
Event Delete(double time_days, uint32_t vm) {
  return {.time_days = time_days, .vm = vm, .kind = EventKind::kDelete};
}

TEST(EventsTest, EmptyTraceHasNoEvents) { EXPECT_THAT(EventsInOrder(Trace{}), IsEmpty()); }

TEST(EventsTest, RunInTimeOrderNotFileOrder) {
  const Trace trace{.nodes = {}, .vms = {{"late", kSize, 2, 3}, {"early", kSize, -1497, 2.5}}};
  EXPECT_THAT(EventsInOrder(trace),
              ElementsAre(Create(-1497, 1), Create(2, 0), Delete(2.5, 1), Delete(3, 0)));
}

TEST(EventsTest, VmThatNeverLeavesHasNoDelete) {
  const Trace trace{.nodes = {}, .vms = {{"stays", kSize, 0, kNever}}};
  EXPECT_THAT(EventsInOrder(trace), ElementsAre(Create(0, 0)));
}

TEST(EventsTest, DeparturesComeBeforeArrivalsOfTheSameTime) {
  const Trace trace{.nodes = {}, .vms = {{"next", kSize, 1, 2}, {"before", kSize, 0, 1}}};
  EXPECT_THAT(EventsInOrder(trace),
              ElementsAre(Create(0, 1), Delete(1, 1), Create(1, 0), Delete(2, 0)));
}

TEST(EventsTest, TiesOfOneKindKeepFileOrder) {
  const Trace trace{.nodes = {},
                    .vms = {{"a", kSize, 0, 1}, {"b", kSize, 0, 1}, {"c", kSize, 0, 1}}};
  EXPECT_THAT(EventsInOrder(trace), ElementsAre(Create(0, 0), Create(0, 1), Create(0, 2),
                                                Delete(1, 0), Delete(1, 1), Delete(1, 2)));
}

TEST(EventsTest, EveryDeleteFollowsItsCreate) {
  const uint64_t seed = 20'251;
  std::printf("seed %" PRIu64 "\n", seed);
  SplitMix64 random(seed);
  Trace trace;
  for (int i = 0; i < 2'000; ++i) {
    const double arrives = random.Below(50);  // few distinct times: many ties
    trace.vms.push_back({"vm", kSize, arrives, arrives + 1 + random.Below(10)});
  }
  const std::vector<Event> events = EventsInOrder(trace);
  ASSERT_EQ(events.size(), 4'000u);
  std::vector<int> alive(trace.vms.size(), 0);
  for (size_t i = 0; i < events.size(); ++i) {
    if (i > 0) {
      EXPECT_LE(events[i - 1].time_days, events[i].time_days);
    }
    alive[events[i].vm] += events[i].kind == EventKind::kCreate ? 1 : -1;
    EXPECT_GE(alive[events[i].vm], 0);
  }
}

TEST(EventsDeathTest, DepartureNotAfterArrivalBreaksTheInvariant) {
  const Trace trace{.nodes = {}, .vms = {{"odd", kSize, 1, 1}}};
  EXPECT_DEATH(EventsInOrder(trace), "departs_days");
}

}  // namespace
}  // namespace blixard::scheduler::traces
