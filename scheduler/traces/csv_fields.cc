#include "scheduler/traces/csv_fields.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "scheduler/core/names.h"
#include "scheduler/core/resources.h"

namespace blixard::scheduler::traces {
namespace {

constexpr double kSecondsPerDay = 86'400;

std::string WantedAmount(const AmountUnit& unit) {
  const uint32_t most = kMaxAmount / unit.per_unit;
  if (unit.fractions) return absl::StrCat("a number above 0 and at most ", most);
  return absl::StrCat("a whole number from ", unit.least, " to ", most);
}

// Rounds up; a product that is whole but for the last bits of its factors is taken as whole.
uint32_t ScaledUp(double value, uint32_t per_unit) {
  constexpr double kRoundingSlack = 1e-6;
  const double scaled = std::ceil(value * per_unit - kRoundingSlack);
  return static_cast<uint32_t>(std::max(scaled, 1.0));
}

}  // namespace

absl::StatusOr<uint32_t> ReadAmount(const CsvRow& row, size_t column, const AmountUnit& unit) {
  const uint32_t most = kMaxAmount / unit.per_unit;
  if (unit.fractions) {
    double value = 0;
    const bool is_number = absl::SimpleAtod(row.Text(column), &value);
    if (!is_number || !(value > 0 && value <= most)) return row.Error(column, WantedAmount(unit));
    return ScaledUp(value, unit.per_unit);
  }
  uint32_t value = 0;
  const bool is_number = absl::SimpleAtoi(row.Text(column), &value);
  if (!is_number || value < unit.least || value > most) {
    return row.Error(column, WantedAmount(unit));
  }
  return value * unit.per_unit;
}

absl::StatusOr<double> ReadSeconds(const CsvRow& row, size_t column) {
  uint64_t seconds = 0;
  if (!absl::SimpleAtoi(row.Text(column), &seconds) || seconds > kMaxTraceSeconds) {
    return row.Error(column, absl::StrCat("whole seconds from 0 to ", kMaxTraceSeconds));
  }
  return static_cast<double>(seconds) / kSecondsPerDay;
}

absl::StatusOr<double> ReadDays(const CsvRow& row, size_t column) {
  double days = 0;
  if (!absl::SimpleAtod(row.Text(column), &days) || !(std::fabs(days) <= kMaxTraceDays)) {
    return row.Error(column, absl::StrCat("a number of days within +-", kMaxTraceDays));
  }
  return days;
}

absl::StatusOr<std::string> ReadNewName(const CsvRow& row, size_t column, absl::string_view prefix,
                                        absl::flat_hash_set<std::string>& seen) {
  std::string name = absl::StrCat(prefix, row.Text(column));
  // Said of the column's own text: the prefix is ours.
  if (row.Text(column).empty() || !IsValidName(name)) {
    return row.Error(column,
                     absl::StrCat("1 to ", kMaxNameBytes - prefix.size(), " of A-Z a-z 0-9 . _ -"));
  }
  if (!seen.insert(name).second) return row.Error(column, "a value not seen before");
  return name;
}

}  // namespace blixard::scheduler::traces
