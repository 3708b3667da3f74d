// Rows of a CSV file by column name, for readers of small and large public data files. The file's
// columns may stand in any order and there may be more of them. Memory is bounded whatever the file
// holds: a line has at most kMaxCsvLineBytes, and the file is read in blocks. Values may stand in
// double quotes; blank lines are skipped; CRLF ends and a UTF-8 mark at the start are accepted.
#ifndef BLIXARD_SCHEDULER_TRACES_CSV_ROWS_H_
#define BLIXARD_SCHEDULER_TRACES_CSV_ROWS_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace blixard::scheduler::traces {

inline constexpr size_t kMaxCsvColumns = 5;
inline constexpr size_t kMaxCsvLineBytes = size_t{1} << 16;

struct CsvColumn {
  absl::string_view name;
  bool optional = false;  // the header may lack it
};

// One row while it is visited: what it refers to belongs to the reading function. Columns are
// numbered as the caller listed them.
class CsvRow {
 public:
  using Values = std::array<const char*, kMaxCsvColumns>;  // nullptr: the file lacks the column

  struct Place {
    absl::string_view path;
    const std::vector<CsvColumn>* columns;
    size_t line;  // the first line of the file is 1
  };
  CsvRow(const Place& place, const Values& values) : place_(place), values_(values) {}

  bool Has(size_t column) const { return values_[column] != nullptr; }
  // Surrounding blanks are cut off. Needs Has(column).
  absl::string_view Text(size_t column) const { return values_[column]; }

  // kInvalidArgument "FILE:LINE: column: want <want>, got "<text>"".
  absl::Status Error(size_t column, absl::string_view want) const;

 private:
  Place place_;
  Values values_;
};

// Calls `visit` for each row after the header and stops at its first error. Needs 1 to
// kMaxCsvColumns columns. Errors: kNotFound with the path when there is no such file;
// kInvalidArgument with FILE or FILE:LINE for an empty file, a missing or repeated column, a line
// of another number of columns than the header, a line too long, a byte 0; what errno says when
// reading fails.
absl::Status ForEachCsvRow(const std::string& path, const std::vector<CsvColumn>& columns,
                           absl::FunctionRef<absl::Status(const CsvRow&)> visit);

// The first line that is not blank. Errors: as above, where they apply.
absl::StatusOr<std::string> ReadCsvHeader(const std::string& path);

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_SCHEDULER_TRACES_CSV_ROWS_H_
