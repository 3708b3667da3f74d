#include "scheduler/traces/csv_rows.h"

#include <glog/logging.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

// Traces are small beside the parser's blocks: a reading thread would only cost.
#define CSV_IO_NO_THREAD
#include <libfccp/csv.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace blixard::scheduler::traces {
namespace {

using CsvParser =
    io::CSVReader<kMaxCsvColumns, io::trim_chars<' ', '\t'>, io::double_quote_escape<',', '"'>,
                  io::throw_on_overflow, io::empty_line_comment>;

// Never a column of a file: the parser has a fixed number of columns and these fill it up.
constexpr const char* kUnusedColumn[kMaxCsvColumns] = {"\n0", "\n1", "\n2", "\n3", "\n4"};

std::string Shown(absl::string_view text) {
  constexpr size_t kMaxShown = 64;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kMaxShown)),
                      text.size() > kMaxShown ? "..." : "", "\"");
}

absl::Status Invalid(absl::string_view where, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", what));
}

// Hands the file to the parser and keeps from it what it would take silently: lines beyond our
// bound, bytes 0 (the end of a line to it) and read errors. After a fault it plays end of file. It
// ends the last line where the file does not: the parser would look one byte beyond its data for
// that.
class CheckedSource final : public io::ByteSourceBase {
 public:
  CheckedSource(FILE* file, const std::string& path, absl::Status* fault)
      : file_(file), path_(path), fault_(fault) {}
  ~CheckedSource() override { std::fclose(file_); }

  int read(char* buffer, int size) override {
    if (!fault_->ok()) return 0;
    const size_t wanted = static_cast<size_t>(size);
    size_t got = std::fread(buffer, 1, wanted, file_);
    if (std::ferror(file_) != 0) *fault_ = absl::ErrnoToStatus(errno, absl::StrCat("read ", path_));
    if (fault_->ok()) Inspect({buffer, got});
    if (!fault_->ok()) return 0;
    if (got < wanted && line_bytes_ > 0) {
      buffer[got++] = '\n';
      line_bytes_ = 0;
    }
    return static_cast<int>(got);
  }

 private:
  void Inspect(absl::string_view block) {
    if (std::memchr(block.data(), 0, block.size()) != nullptr) {
      *fault_ = Invalid(path_, "want text, got a byte 0");
    }
    while (!block.empty() && fault_->ok()) {
      const size_t end = block.find('\n');
      line_bytes_ += std::min(end, block.size());
      if (line_bytes_ > kMaxCsvLineBytes) FaultLongLine();
      if (end == absl::string_view::npos) return;
      block.remove_prefix(end + 1);
      line_bytes_ = 0;
      ++line_;
    }
  }

  void FaultLongLine() {
    *fault_ = Invalid(absl::StrCat(path_, ":", line_),
                      absl::StrCat("line: want at most ", kMaxCsvLineBytes, " bytes, got more"));
  }

  FILE* file_;
  const std::string& path_;
  absl::Status* fault_;
  size_t line_ = 1;
  size_t line_bytes_ = 0;
};

absl::StatusOr<std::unique_ptr<CheckedSource>> OpenSource(const std::string& path,
                                                          absl::Status* fault) {
  FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  return std::make_unique<CheckedSource>(file, path, fault);
}

// One file being read. Every call into the parser that may throw is inside Guarded.
class CsvFile {
 public:
  CsvFile(const std::string& path, const std::vector<CsvColumn>& columns)
      : path_(path), columns_(columns) {
    CHECK(!columns.empty());
    CHECK_LE(columns.size(), kMaxCsvColumns);
  }

  absl::Status ForEachRow(absl::FunctionRef<absl::Status(const CsvRow&)> visit) {
    auto source = OpenSource(path_, &fault_);
    if (!source.ok()) return source.status();
    const absl::Status read = Guarded([&] {
      parser_.emplace(path_, std::move(*source));
      return ReadAll(visit);
    });
    return fault_.ok() ? read : fault_;  // a fault is why the parser saw the file end
  }

 private:
  absl::Status Guarded(absl::FunctionRef<absl::Status()> work) {
    try {
      return work();
    } catch (const io::error::header_missing&) {
      return Invalid(path_, "want a header line, got an empty file");
    } catch (const io::error::duplicated_column_in_header& error) {
      return Invalid(Line(), absl::StrCat("header: want each column once, got again ",
                                          Shown(error.column_name)));
    } catch (const io::error::too_few_columns&) {
      return Invalid(Line(), "columns: want as many as in the header, got fewer");
    } catch (const io::error::too_many_columns&) {
      return Invalid(Line(), "columns: want as many as in the header, got more");
    } catch (const io::error::escaped_string_not_closed&) {
      return Invalid(Line(), "quote: want one that is closed on its line, got one left open");
    } catch (const io::error::base& error) {
      return Invalid(path_, error.what());
    }
  }

  absl::Status ReadAll(absl::FunctionRef<absl::Status(const CsvRow&)> visit) {
    parser_->read_header(io::ignore_extra_column | io::ignore_missing_column, Name(0), Name(1),
                         Name(2), Name(3), Name(4));
    for (const CsvColumn& column : columns_) {
      if (column.optional || parser_->has_column(std::string(column.name))) continue;
      return Invalid(Line(),
                     absl::StrCat("header: want a column ", Shown(column.name), ", got none"));
    }
    CsvRow::Values values{};  // columns that the file lacks are never touched
    while (parser_->read_row(values[0], values[1], values[2], values[3], values[4])) {
      const CsvRow row({path_, &columns_, parser_->get_file_line()}, values);
      if (absl::Status status = visit(row); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  std::string Name(size_t column) const {
    return column < columns_.size() ? std::string(columns_[column].name) : kUnusedColumn[column];
  }
  std::string Line() const { return absl::StrCat(path_, ":", parser_->get_file_line()); }

  const std::string& path_;
  const std::vector<CsvColumn>& columns_;
  absl::Status fault_;
  std::optional<CsvParser> parser_;
};

}  // namespace

absl::Status CsvRow::Error(size_t column, absl::string_view want) const {
  return Invalid(absl::StrCat(place_.path, ":", place_.line),
                 absl::StrCat((*place_.columns)[column].name, ": want ", want, ", got ",
                              Has(column) ? Shown(Text(column)) : "no such column"));
}

absl::Status ForEachCsvRow(const std::string& path, const std::vector<CsvColumn>& columns,
                           absl::FunctionRef<absl::Status(const CsvRow&)> visit) {
  return CsvFile(path, columns).ForEachRow(visit);
}

absl::StatusOr<std::string> ReadCsvHeader(const std::string& path) {
  absl::Status fault;
  auto source = OpenSource(path, &fault);
  if (!source.ok()) return source.status();
  // Lines stay below the parser's own limit, whose passing is all it would throw for here.
  io::LineReader lines(path, std::move(*source));
  while (const char* line = lines.next_line()) {
    if (!io::empty_line_comment::is_comment(line)) return std::string(line);
  }
  return fault.ok() ? Invalid(path, "want a header line, got an empty file") : fault;
}

}  // namespace blixard::scheduler::traces
