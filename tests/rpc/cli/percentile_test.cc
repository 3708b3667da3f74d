#include "rpc/cli/percentile.h"

#include <gtest/gtest.h>

#include <vector>

namespace blixard::rpc {
namespace {

TEST(PercentileTest, IsASampleThatEnoughOthersDoNotExceed) {
  struct Case {
    std::vector<double> sorted;
    double share;
    double want;
  };
  for (const Case& c : std::vector<Case>{{{}, 0.5, 0},
                                         {{7}, 0, 7},
                                         {{7}, 1, 7},
                                         {{1, 2, 3, 4}, 0.5, 2},
                                         {{1, 2, 3, 4}, 0.51, 3},
                                         {{1, 2, 3, 4}, 0.999, 4},
                                         {{1, 2, 3}, 1, 3}}) {
    EXPECT_EQ(Percentile(c.sorted, c.share), c.want) << c.share;
  }
}

}  // namespace
}  // namespace blixard::rpc
