// Batch operations over columns of 32-bit integers in vector code (Highway, which picks the widest
// instructions of the machine at run time). What a chooser asks of thousands of rows at once: which
// rows have room, the first one that has, the extremes, the sum.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_COLUMN_KERNELS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_COLUMN_KERNELS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"

namespace blixard::memory {

// One thing every row must have: column[row] >= least.
struct ColumnDemand {
  absl::Span<const int32_t> column;
  int32_t least = 0;
};

struct ColumnRange {
  int32_t lowest = 0;
  int32_t highest = 0;

  bool operator==(const ColumnRange&) const = default;
};

// For all functions: pure, any alignment, any number of rows; all columns of a call have the same
// number of rows and there is at least one column and at most kMaxDemands (CHECKed).
inline constexpr size_t kMaxDemands = 8;
inline constexpr size_t kNoRow = static_cast<size_t>(-1);

// Sets bit `row % 64` of mask[row / 64] for every row that meets all demands and clears all other
// bits. `mask` has exactly (rows + 63) / 64 words (CHECKed). Returns how many rows fit.
size_t ComputeFitMask(absl::Span<const ColumnDemand> demands, absl::Span<uint64_t> mask);

// The lowest row at or after `from` that meets all demands; kNoRow: none.
size_t FindFirstFit(absl::Span<const ColumnDemand> demands, size_t from = 0);

// Nothing when the column is empty.
std::optional<ColumnRange> ComputeRange(absl::Span<const int32_t> column);

// Cannot overflow below 2^32 rows.
int64_t ComputeSum(absl::Span<const int32_t> column);

// The same, one row after the other: the reference for tests and benchmarks.
namespace scalar {

size_t ComputeFitMask(absl::Span<const ColumnDemand> demands, absl::Span<uint64_t> mask);
size_t FindFirstFit(absl::Span<const ColumnDemand> demands, size_t from = 0);
std::optional<ColumnRange> ComputeRange(absl::Span<const int32_t> column);
int64_t ComputeSum(absl::Span<const int32_t> column);

}  // namespace scalar
}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_COLUMN_KERNELS_H_
