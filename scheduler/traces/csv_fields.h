// Values of a CSV row that all trace readers share: amounts of resources, times, names. Every error
// is CsvRow::Error, so it says file, line, column, what is wanted and what stands there.
#ifndef BLIXARD_SCHEDULER_TRACES_CSV_FIELDS_H_
#define BLIXARD_SCHEDULER_TRACES_CSV_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "scheduler/traces/csv_rows.h"

namespace blixard::scheduler::traces {

// How a column counts a resource.
struct AmountUnit {
  uint32_t per_unit = 1;   // ours in one of theirs: 1024 for GiB read as MiB
  uint32_t least = 1;      // 0 where the source may say "none"
  bool fractions = false;  // "1.75" is allowed; the product is rounded up
};

// A number from `least` to what kMaxAmount of ours makes, in our unit.
absl::StatusOr<uint32_t> ReadAmount(const CsvRow& row, size_t column, const AmountUnit& unit);

// Whole seconds from 0, as days. The bound keeps neighbouring seconds apart as days.
inline constexpr uint64_t kMaxTraceSeconds = 10'000'000'000;
absl::StatusOr<double> ReadSeconds(const CsvRow& row, size_t column);

// A finite number of days, negative ones too, within +-kMaxTraceDays.
inline constexpr double kMaxTraceDays = 1e6;
absl::StatusOr<double> ReadDays(const CsvRow& row, size_t column);

// `prefix` and the column's text together: a valid name that `seen` does not hold yet and then
// does.
absl::StatusOr<std::string> ReadNewName(const CsvRow& row, size_t column, absl::string_view prefix,
                                        absl::flat_hash_set<std::string>& seen);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_CSV_FIELDS_H_
