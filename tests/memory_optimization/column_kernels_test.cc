#include "memory_optimization/column_kernels.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <limits>
#include <random>
#include <vector>

namespace blixard::memory {
namespace {

constexpr int32_t kLowest = std::numeric_limits<int32_t>::min();
constexpr int32_t kHighest = std::numeric_limits<int32_t>::max();

// Every test runs once for each instruction set that this machine has.
class ColumnKernelsTest : public testing::TestWithParam<int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

INSTANTIATE_TEST_SUITE_P(Targets, ColumnKernelsTest,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const testing::TestParamInfo<int64_t>& info) {
                           return std::string(hwy::TargetName(info.param));
                         });

std::vector<int32_t> RandomColumn(std::mt19937& random, size_t rows, uint32_t values) {
  std::vector<int32_t> column(rows);
  for (int32_t& value : column) value = static_cast<int32_t>(random() % values) - 3;
  return column;
}

TEST_P(ColumnKernelsTest, FitMaskMarksTheRowsThatMeetAllDemands) {
  const std::vector<int32_t> vcpu = {4, 1, 8, 4};
  const std::vector<int32_t> memory = {16, 64, 7, 8};
  std::vector<uint64_t> mask = {~uint64_t{0}};
  EXPECT_EQ(ComputeFitMask({{vcpu, 4}, {memory, 8}}, absl::MakeSpan(mask)), 2u);
  EXPECT_EQ(mask[0], 0b1001u);
}

TEST_P(ColumnKernelsTest, FirstFitStartsWhereItIsTold) {
  const std::vector<int32_t> column = {1, 5, 1, 5, 1};
  EXPECT_EQ(FindFirstFit({{column, 5}}), 1u);
  EXPECT_EQ(FindFirstFit({{column, 5}}, 1), 1u);
  EXPECT_EQ(FindFirstFit({{column, 5}}, 2), 3u);
  EXPECT_EQ(FindFirstFit({{column, 5}}, 4), kNoRow);
  EXPECT_EQ(FindFirstFit({{column, 5}}, 100), kNoRow);
  EXPECT_EQ(FindFirstFit({{column, 6}}), kNoRow);
}

TEST_P(ColumnKernelsTest, NoRowsGiveNothing) {
  const std::vector<int32_t> none;
  EXPECT_EQ(ComputeFitMask({{none, 1}}, {}), 0u);
  EXPECT_EQ(FindFirstFit({{none, 1}}), kNoRow);
  EXPECT_EQ(ComputeRange(none), std::nullopt);
  EXPECT_EQ(ComputeSum(none), 0);
}

TEST_P(ColumnKernelsTest, TheExtremesOfTheTypeAreOrdinaryValues) {
  const std::vector<int32_t> column(100, kLowest);
  EXPECT_EQ(ComputeSum(column), 100 * int64_t{kLowest});
  EXPECT_EQ(FindFirstFit({{column, kLowest}}), 0u);
  EXPECT_EQ(FindFirstFit({{column, kLowest + 1}}), kNoRow);
  const std::vector<int32_t> two = {kHighest, kLowest};
  EXPECT_EQ(ComputeRange(two), (ColumnRange{.lowest = kLowest, .highest = kHighest}));
  EXPECT_EQ(ComputeSum(std::vector<int32_t>(1000, kHighest)), 1000 * int64_t{kHighest});
}

TEST_P(ColumnKernelsTest, AgreesWithTheScalarReferenceForEveryTail) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (size_t rows = 0; rows < 200; ++rows) {
    SCOPED_TRACE(testing::Message() << rows << " rows");
    std::vector<std::vector<int32_t>> columns;
    std::vector<ColumnDemand> demands;
    for (size_t i = 0; i < 1 + rows % kMaxDemands; ++i) {
      columns.push_back(RandomColumn(random, rows + 1, 10));
    }
    for (const std::vector<int32_t>& column : columns) {
      // From the second value on: no alignment to rely on.
      demands.push_back({absl::MakeSpan(column).subspan(1), static_cast<int32_t>(random() % 4)});
    }
    std::vector<uint64_t> mask((rows + 63) / 64, random());
    std::vector<uint64_t> want((rows + 63) / 64, random());
    ASSERT_EQ(ComputeFitMask(demands, absl::MakeSpan(mask)),
              scalar::ComputeFitMask(demands, absl::MakeSpan(want)));
    ASSERT_EQ(mask, want);
    for (size_t from = 0; from <= rows; from += 1 + random() % 5) {
      ASSERT_EQ(FindFirstFit(demands, from), scalar::FindFirstFit(demands, from)) << from;
    }
    const absl::Span<const int32_t> column = demands.front().column;
    ASSERT_EQ(ComputeRange(column), scalar::ComputeRange(column));
    ASSERT_EQ(ComputeSum(column), scalar::ComputeSum(column));
  }
}

TEST(ColumnKernelsDeathTest, DemandsThatMakeNoSenseAreNamed) {
  const std::vector<int32_t> two = {1, 2};
  const std::vector<int32_t> three = {1, 2, 3};
  std::vector<uint64_t> mask(2);
  EXPECT_DEATH(FindFirstFit({}), "demands: want 1 to 8, got 0");
  EXPECT_DEATH(FindFirstFit(std::vector<ColumnDemand>(9, {two, 1})), "got 9");
  EXPECT_DEATH(FindFirstFit({{two, 1}, {three, 1}}), "columns of different lengths");
  EXPECT_DEATH(ComputeFitMask({{two, 1}}, absl::MakeSpan(mask)), "words of the mask");
}

}  // namespace
}  // namespace blixard::memory
