#include "memory_optimization/column_kernels.h"

#include <algorithm>

// Highway compiles this file once more for every instruction set; what is between
// HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE exists once for each.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "memory_optimization/column_kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace blixard::memory {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// At most 16 lanes of 32 bits: then a whole number of vectors makes 64 rows.
using Lanes32 = HWY_CAPPED(int32_t, 16);
using Lanes64 = HWY_CAPPED(int64_t, 8);
using HalfLanes32 = hn::Rebind<int32_t, Lanes64>;

// Byte by byte, so that the bytes stay in registers.
HWY_INLINE uint64_t MaskBits(hn::Mask<Lanes32> mask) {
  uint8_t bytes[2];
  hn::StoreMaskBits(Lanes32(), mask, bytes);
  uint64_t bits = bytes[0];
  if constexpr (hn::MaxLanes(Lanes32()) > 8) bits |= static_cast<uint64_t>(bytes[1]) << 8;
  return bits;
}

// Bit i: values[i] < least; `rows` <= 64.
HWY_INLINE uint64_t ShortBits(const int32_t* values, size_t rows, int32_t least) {
  const Lanes32 lanes;
  const auto least_of_all = hn::Set(lanes, least);
  uint64_t bits = 0;
  size_t row = 0;
  for (; row + hn::Lanes(lanes) <= rows; row += hn::Lanes(lanes)) {
    bits |= MaskBits(hn::Lt(hn::LoadU(lanes, values + row), least_of_all)) << row;
  }
  for (; row < rows; ++row) bits |= static_cast<uint64_t>(values[row] < least) << row;
  return bits;
}

// Of the 1 to 64 rows from `row` on. In a full cluster most blocks end at the first demand.
HWY_INLINE uint64_t FitBits(absl::Span<const ColumnDemand> demands, size_t row, size_t rows) {
  uint64_t bits = ~uint64_t{0} >> (64 - rows);
  for (const ColumnDemand& demand : demands) {
    bits &= ~ShortBits(demand.column.data() + row, rows, demand.least);
    if (bits == 0) break;
  }
  return bits;
}

size_t FitMask(absl::Span<const ColumnDemand> demands, absl::Span<uint64_t> mask) {
  const size_t rows = demands.front().column.size();
  size_t fits = 0;
  for (size_t row = 0; row < rows; row += 64) {
    uint64_t& word = mask[row / 64];
    word = rows - row >= 64 ? FitBits(demands, row, 64) : FitBits(demands, row, rows - row);
    fits += hwy::PopCount(word);
  }
  return fits;
}

size_t FirstFit(absl::Span<const ColumnDemand> demands, size_t from) {
  const size_t rows = demands.front().column.size();
  for (size_t row = from; row < rows; row += 64) {
    const uint64_t bits =
        rows - row >= 64 ? FitBits(demands, row, 64) : FitBits(demands, row, rows - row);
    if (bits != 0) return row + hwy::Num0BitsBelowLS1Bit_Nonzero64(bits);
  }
  return kNoRow;
}

// `column` is not empty.
ColumnRange Range(absl::Span<const int32_t> column) {
  const Lanes32 lanes;
  const int32_t* values = column.data();
  auto lowest = hn::Set(lanes, values[0]);
  auto highest = lowest;
  size_t row = 0;
  for (; row + hn::Lanes(lanes) <= column.size(); row += hn::Lanes(lanes)) {
    const auto block = hn::LoadU(lanes, values + row);
    lowest = hn::Min(lowest, block);
    highest = hn::Max(highest, block);
  }
  ColumnRange range = {.lowest = hn::GetLane(hn::MinOfLanes(lanes, lowest)),
                       .highest = hn::GetLane(hn::MaxOfLanes(lanes, highest))};
  for (; row < column.size(); ++row) {
    range.lowest = std::min(range.lowest, values[row]);
    range.highest = std::max(range.highest, values[row]);
  }
  return range;
}

int64_t Sum(absl::Span<const int32_t> column) {
  const Lanes64 wide;
  const HalfLanes32 lanes;
  const int32_t* values = column.data();
  auto even = hn::Zero(wide);
  auto odd = hn::Zero(wide);
  size_t row = 0;
  for (; row + 2 * hn::Lanes(lanes) <= column.size(); row += 2 * hn::Lanes(lanes)) {
    const auto next = hn::LoadU(lanes, values + row + hn::Lanes(lanes));
    even = hn::Add(even, hn::PromoteTo(wide, hn::LoadU(lanes, values + row)));
    odd = hn::Add(odd, hn::PromoteTo(wide, next));
  }
  int64_t sum = hn::GetLane(hn::SumOfLanes(wide, hn::Add(even, odd)));
  for (; row < column.size(); ++row) sum += values[row];
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace blixard::memory
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <glog/logging.h>

namespace blixard::memory {
namespace {

HWY_EXPORT(FitMask);
HWY_EXPORT(FirstFit);
HWY_EXPORT(Range);
HWY_EXPORT(Sum);

// Returns the number of rows.
size_t CheckDemands(absl::Span<const ColumnDemand> demands) {
  CHECK(!demands.empty() && demands.size() <= kMaxDemands)
      << "demands: want 1 to " << kMaxDemands << ", got " << demands.size();
  const size_t rows = demands.front().column.size();
  for (const ColumnDemand& demand : demands) {
    CHECK_EQ(demand.column.size(), rows) << "columns of different lengths";
  }
  return rows;
}

void CheckMask(absl::Span<const ColumnDemand> demands, absl::Span<const uint64_t> mask) {
  CHECK_EQ(mask.size(), (CheckDemands(demands) + 63) / 64) << "words of the mask";
}

bool Fits(absl::Span<const ColumnDemand> demands, size_t row) {
  return std::all_of(demands.begin(), demands.end(), [row](const ColumnDemand& demand) {
    return demand.column[row] >= demand.least;
  });
}

}  // namespace

size_t ComputeFitMask(absl::Span<const ColumnDemand> demands, absl::Span<uint64_t> mask) {
  CheckMask(demands, mask);
  return HWY_DYNAMIC_DISPATCH(FitMask)(demands, mask);
}

size_t FindFirstFit(absl::Span<const ColumnDemand> demands, size_t from) {
  CheckDemands(demands);
  return HWY_DYNAMIC_DISPATCH(FirstFit)(demands, from);
}

std::optional<ColumnRange> ComputeRange(absl::Span<const int32_t> column) {
  if (column.empty()) return std::nullopt;
  return HWY_DYNAMIC_DISPATCH(Range)(column);
}

int64_t ComputeSum(absl::Span<const int32_t> column) { return HWY_DYNAMIC_DISPATCH(Sum)(column); }

namespace scalar {

size_t ComputeFitMask(absl::Span<const ColumnDemand> demands, absl::Span<uint64_t> mask) {
  CheckMask(demands, mask);
  std::fill(mask.begin(), mask.end(), 0);
  size_t fits = 0;
  for (size_t row = 0; row < demands.front().column.size(); ++row) {
    if (!Fits(demands, row)) continue;
    mask[row / 64] |= uint64_t{1} << (row % 64);
    ++fits;
  }
  return fits;
}

size_t FindFirstFit(absl::Span<const ColumnDemand> demands, size_t from) {
  const size_t rows = CheckDemands(demands);
  for (size_t row = from; row < rows; ++row) {
    if (Fits(demands, row)) return row;
  }
  return kNoRow;
}

std::optional<ColumnRange> ComputeRange(absl::Span<const int32_t> column) {
  if (column.empty()) return std::nullopt;
  const auto [lowest, highest] = std::minmax_element(column.begin(), column.end());
  return ColumnRange{.lowest = *lowest, .highest = *highest};
}

int64_t ComputeSum(absl::Span<const int32_t> column) {
  int64_t sum = 0;
  for (const int32_t value : column) sum += value;
  return sum;
}

}  // namespace scalar
}  // namespace blixard::memory
#endif  // HWY_ONCE
