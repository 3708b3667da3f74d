#include "tests/mutation/mutation_report.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace blixard::raft {
namespace {

// Scripts go by their file's name, as in docs/raft.md.
std::string ShownTest(absl::string_view test) {
  return absl::ConsumePrefix(&test, "ProtocolScript.") ? absl::StrCat(test, ".txt")
                                                       : std::string(test);
}

struct Seeds {
  bool tried = false;
  bool hangs = false;
  std::optional<uint64_t> needed;
};

std::string ShownSeeds(const Seeds& seeds, absl::string_view not_noticed) {
  if (!seeds.tried) return "";
  if (seeds.hangs) return "hangs";
  return seeds.needed.has_value() ? absl::StrCat(*seeds.needed) : std::string(not_noticed);
}

std::string JsonSeeds(const Seeds& seeds) {
  return seeds.needed.has_value() ? absl::StrCat(*seeds.needed) : "null";
}

// Names of tests and switches need no escapes.
std::string JsonTests(const std::vector<std::string>& tests) {
  return absl::StrCat("[",
                      absl::StrJoin(tests, ", ",
                                    [](std::string* out, const std::string& test) {
                                      absl::StrAppend(out, "\"", test, "\"");
                                    }),
                      "]");
}

Seeds GroupSeeds(const SearchResult& result) {
  return {.tried = result.groups_tried, .hangs = result.groups_hang, .needed = result.group_seed};
}

Seeds SimulatorSeeds(const SearchResult& result) {
  return {.tried = result.simulator_tried, .hangs = false, .needed = result.simulator_seed};
}

}  // namespace

std::string MutationReport::Head() const {
  switch (format_) {
    case ReportFormat::kText:
      return absl::StrFormat("%-4s %-31s %6s %9s  %s", "row", "switch", "groups", "simulator",
                             "tests that fail");
    case ReportFormat::kJson:
      return absl::StrCat("{\"seeds\": ", seeds_, ", \"switches\": [");
    case ReportFormat::kMarkdown:
      return "| row | switch | in | the bug that is put back | tests that fail | groups: seeds | "
             "simulator: seeds |\n|---|---|---|---|---|---|---|";
  }
  return "";
}

std::string MutationReport::Row(const MutationRow& row, const SearchResult& result) {
  ++rows_;
  by_tests_ += !result.caught_by.empty();
  by_groups_ += result.groups_hang || result.group_seed.has_value();
  by_simulator_ += result.simulator_seed.has_value();
  if (!result.caught()) missed_.emplace_back(row.name);
  switch (format_) {
    case ReportFormat::kText:
      return TextRow(row, result);
    case ReportFormat::kJson:
      return absl::StrCat(rows_ > 1 ? ", " : "  ", JsonRow(row, result));
    case ReportFormat::kMarkdown:
      return MarkdownRow(row, result);
  }
  return "";
}

std::string MutationReport::TextRow(const MutationRow& row, const SearchResult& result) const {
  std::string tests = absl::StrJoin(result.caught_by, " ");
  if (tests.empty()) tests = "none";
  if (!result.not_caught_by.empty()) {
    absl::StrAppend(&tests, "; not ", absl::StrJoin(result.not_caught_by, " "));
  }
  return absl::StrFormat("%-4s %-31s %6s %9s  %s", ScenarioOf(row), row.name,
                         ShownSeeds(GroupSeeds(result), "-"),
                         ShownSeeds(SimulatorSeeds(result), "-"), tests);
}

std::string MutationReport::JsonRow(const MutationRow& row, const SearchResult& result) const {
  return absl::StrCat("{\"row\": \"", ScenarioOf(row), "\", \"switch\": \"", row.name,
                      "\", \"part\": \"", PartName(row.part), "\", \"bug\": \"", row.bug,
                      "\", \"caught_by\": ", JsonTests(result.caught_by),
                      ", \"not_caught_by\": ", JsonTests(result.not_caught_by),
                      ", \"group_seed\": ", JsonSeeds(GroupSeeds(result)),
                      ", \"groups_hang\": ", result.groups_hang ? "true" : "false",
                      ", \"simulator_seed\": ", JsonSeeds(SimulatorSeeds(result)),
                      ", \"caught\": ", result.caught() ? "true" : "false", "}");
}

std::string MutationReport::MarkdownRow(const MutationRow& row, const SearchResult& result) const {
  const std::string tests =
      absl::StrJoin(result.caught_by, ", ", [](std::string* out, const std::string& test) {
        absl::StrAppend(out, "`", ShownTest(test), "`");
      });
  return absl::StrCat("| ", ScenarioOf(row), " | `", row.name, "` | ", PartName(row.part), " | ",
                      row.bug, " | ", tests.empty() ? "**none**" : tests, " | ",
                      ShownSeeds(GroupSeeds(result), "–"), " | ",
                      ShownSeeds(SimulatorSeeds(result), "–"), " |");
}

std::string MutationReport::Tail() const {
  const std::string missed = missed_.empty() ? "none" : absl::StrJoin(missed_, ", ");
  if (format_ == ReportFormat::kJson) {
    return absl::StrCat("], \"caught\": ", rows_ - missed_.size(), ", \"of\": ", rows_,
                        ", \"missed\": ", JsonTests(missed_), "}");
  }
  return absl::StrFormat(
      "\n%d of %d caught: %d by named tests, %d by random groups, %d by the simulator, within %d "
      "seeds. Missed: %s.",
      rows_ - missed_.size(), rows_, by_tests_, by_groups_, by_simulator_, seeds_, missed);
}

}  // namespace blixard::raft
