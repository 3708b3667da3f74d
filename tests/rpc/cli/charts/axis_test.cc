#include "rpc/cli/charts/axis.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace blixard::rpc {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;

TEST(RoundTicksTest, StepsAreRoundAndCoverTheMost) {
  EXPECT_THAT(RoundTicks(10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(RoundTicks(17'000, 4), ElementsAre(0, 5'000, 10'000, 15'000, 20'000));
  EXPECT_THAT(RoundTicks(1, 4), ElementsAre(0, 0.5, 1));
  EXPECT_THAT(RoundTicks(0.3, 3), ElementsAre(0, DoubleNear(0.1, 1e-12), DoubleNear(0.2, 1e-12),
                                              DoubleNear(0.3, 1e-12)));
}

TEST(RoundTicksTest, AnyMostGivesAFewTicks) {
  for (double most = 1e-6; most < 1e12; most *= 1.37) {
    SCOPED_TRACE(most);
    const std::vector<double> ticks = RoundTicks(most, 5);
    EXPECT_GE(ticks.size(), 2u);
    EXPECT_LE(ticks.size(), 11u);
    EXPECT_GE(ticks.back() * (1 + 1e-9), most);
  }
}

TEST(RoundTicksTest, NothingToCoverIsZeroToOne) {
  for (const double most : {0.0, -5.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT(RoundTicks(most, 5), ElementsAre(0, 1));
  }
}

TEST(LinearScaleTest, MapsBothEndsAndTheMiddle) {
  const LinearScale scale = {.value_from = 10, .value_to = 20, .pixel_from = 300, .pixel_to = 100};
  EXPECT_THAT(scale(10), DoubleEq(300));
  EXPECT_THAT(scale(15), DoubleEq(200));
  EXPECT_THAT(scale(20), DoubleEq(100));
  const LinearScale point = {.value_from = 5, .value_to = 5, .pixel_from = 7, .pixel_to = 9};
  EXPECT_THAT(point(5), DoubleEq(7));
}

}  // namespace
}  // namespace blixard::rpc
