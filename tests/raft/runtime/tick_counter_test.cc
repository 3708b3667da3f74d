#include "raft/runtime/tick_counter.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>

namespace blixard::raft {
namespace {

using std::chrono::nanoseconds;
using TimePoint = TickCounter::TimePoint;

constexpr nanoseconds kTick{80};
constexpr ReplicaId kId{3};

TimePoint At(int64_t time) { return TimePoint(nanoseconds(time)); }

TEST(TickCounterTest, FirstTickEndsAWholePeriod) {
  for (int64_t start = 1000; start < 1100; ++start) {
    TickCounter counter(kId, kTick, At(start));
    EXPECT_EQ(counter.CountUntil(At(start) + kTick - nanoseconds(1)).ticks, 0u);
    EXPECT_EQ(counter.CountUntil(At(start) + 2 * kTick - nanoseconds(1)).ticks, 1u);
  }
}

TEST(TickCounterTest, AStallIsCountedButNotMadeUpFor) {
  TickCounter counter(kId, kTick, At(1000));
  const TimePoint first = counter.next();
  const TickCounter::Passed after = counter.CountUntil(first + 9 * kTick);
  EXPECT_EQ(after.ticks, TickCounter::kMaxToWorkOff);
  EXPECT_EQ(after.missed, 10 - TickCounter::kMaxToWorkOff);
  EXPECT_EQ(counter.next(), first + 10 * kTick);
}

TEST(TickCounterTest, EveryTickIsCountedOnceAndOnItsMoment) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const TickGrid grid(kId, kTick);
  TickCounter counter(kId, kTick, At(1000));
  const TimePoint first = counter.next();
  uint64_t counted = 0;
  TimePoint now = At(1000);
  for (int i = 0; i < 1000; ++i) {
    now += nanoseconds(random() % (i % 10 == 0 ? 2000 : 100));
    const TickCounter::Passed passed = counter.CountUntil(now);
    counted += passed.ticks + passed.missed;
    const int64_t want = now < first ? 0 : (now - first) / kTick + 1;
    ASSERT_EQ(counted, static_cast<uint64_t>(want));
    ASSERT_EQ(counter.next(), grid.AtOrAfter(counter.next()));
    ASSERT_GT(counter.next(), now);
  }
}

}  // namespace
}  // namespace blixard::raft
