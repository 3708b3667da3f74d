// The program behind tools/mutate: puts one known bug after the other back into the code and prints
// who notices. Built with the switches of raft/core/mutation.h (mutations.bzl).
#include <glog/logging.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "tests/mutation/mutation_report.h"
#include "tests/mutation/mutation_search.h"
#include "tests/mutation/mutation_table.h"

namespace blixard::raft {
namespace {

struct Flags {
  SearchOptions search;
  std::vector<std::string> only;
  ReportFormat format = ReportFormat::kText;
  bool skip_simulator = false;
};

bool Matches(const MutationRow& row, absl::string_view name) {
  return ScenarioOf(row) == name || row.name == name;
}

std::vector<MutationRow> ChosenRows(const std::vector<std::string>& only) {
  std::vector<MutationRow> chosen;
  for (const MutationRow& row : MutationTable()) {
    bool wanted = only.empty();
    for (const std::string& name : only) wanted |= Matches(row, name);
    if (wanted) chosen.push_back(row);
  }
  return chosen;
}

// On a terminal only, and gone before the next row is printed.
class Progress {
 public:
  void Show(absl::string_view text) {
    if (shows_) absl::FPrintF(stderr, "\r\033[K%s", text);
  }

 private:
  const bool shows_ = isatty(STDERR_FILENO) != 0;
};

void Print(const std::string& lines) {
  absl::PrintF("%s\n", lines);
  std::fflush(stdout);
}

int Run(const Flags& flags) {
  Progress progress;
  progress.Show("looking whether all is well without any bug put back");
  const std::string broken = FindBrokenWithoutBug(flags.search);
  progress.Show("");
  if (!broken.empty()) {
    absl::FPrintF(stderr, "tools/mutate: without any bug put back %s\n", broken);
    return 1;
  }
  MutationReport report(flags.format, flags.search.seeds);
  Print(report.Head());
  const std::vector<MutationRow> rows = ChosenRows(flags.only);
  for (size_t i = 0; i < rows.size(); ++i) {
    progress.Show(absl::StrFormat("%d/%d %s", i + 1, rows.size(), rows[i].name));
    const SearchResult result = Search(rows[i], flags.search);
    progress.Show("");
    Print(report.Row(rows[i], result));
  }
  Print(report.Tail());
  return report.missed() == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  CLI::App app("Puts known Raft bugs back, one by one, and prints who notices each.",
               "tools/mutate");
  Flags flags;
  app.add_option("--programs", flags.search.folder, "Folder of the test programs with the switches")
      ->group("");  // tools/mutate knows it
  app.add_option("--seeds", flags.search.seeds, "Random groups of each kind and worlds, at most")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000}))
      ->default_val(200);
  app.add_option("--only", flags.only, "Rows or switches, as S1 or kS1CommitsPriorTerm");
  app.add_flag("--skip-simulator", flags.skip_simulator, "Named tests and random groups alone");
  const std::map<std::string, ReportFormat> formats = {{"text", ReportFormat::kText},
                                                       {"json", ReportFormat::kJson},
                                                       {"markdown", ReportFormat::kMarkdown}};
  app.add_option("--output", flags.format, "text, json or markdown")
      ->transform(CLI::CheckedTransformer(formats))
      ->type_name("FORMAT");
  app.footer(
      "Examples:\n"
      "  tools/mutate\n"
      "  tools/mutate --only S7 --only L5 --seeds 2000\n"
      "  tools/mutate --skip-simulator --output=json\n\n"
      "Exit codes: 0 every bug was noticed; 1 some were not, or a test fails without one; 2 wrong "
      "usage.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // how CLI11 says "wrong usage" and "help was asked for"
    return app.exit(error) == 0 ? 0 : 2;
  }
  for (const std::string& name : flags.only) {
    if (!ChosenRows({name}).empty()) continue;
    absl::FPrintF(stderr, "tools/mutate: --only: want a row or a switch, got %s\n", name);
    return 2;
  }
  flags.search.simulate = !flags.skip_simulator;
  return Run(flags);
}

}  // namespace
}  // namespace blixard::raft

int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  FLAGS_minloglevel = google::GLOG_FATAL;
  return blixard::raft::Main(argc, argv);
}
