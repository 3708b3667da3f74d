// Says whether a history (history_file.h) is linearizable.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "tests/simulation/history.h"
#include "tests/simulation/history_file.h"
#include "tests/simulation/linearizability.h"

namespace blixard::raft {
namespace {

constexpr const char* kUsage =
    "Usage: check_history FILE [CONFIGURATIONS]\n"
    "Says whether the operations in FILE, one JSON object per line, are linearizable.\n"
    "Gives up on a key after CONFIGURATIONS, 16 bytes each; otherwise after 4000000.\n"
    "Example: check_history history.jsonl\n"
    "Exit codes: 0 linearizable; 1 not; 2 wrong usage, or no such file; 3 undecided.\n";

enum ExitCode { kYes = 0, kNo = 1, kWrongUsage = 2, kUndecided = 3 };

int CodeOf(Verdict verdict) {
  if (verdict == Verdict::kLinearizable) return kYes;
  return verdict == Verdict::kNotLinearizable ? kNo : kUndecided;
}

int Check(const std::string& path, const LinearizabilityOptions& options) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!(file && (file.peek() == EOF || text << file.rdbuf()))) {
    std::cerr << "check_history: " << path << ": " << std::strerror(errno) << "\n";
    return kWrongUsage;
  }
  const absl::StatusOr<History> history = ParseHistory(text.str());
  if (!history.ok()) {
    std::cerr << "check_history: " << path << ": " << history.status().message() << "\n";
    return kWrongUsage;
  }
  const LinearizabilityResult result = CheckLinearizability(*history, options);
  std::cout << VerdictName(result.verdict) << ": " << history->size() << " operations, "
            << result.configurations << " configurations\n";
  if (!result.explanation.empty()) std::cout << result.explanation << "\n";
  return CodeOf(result.verdict);
}

int Main(int argc, char** argv) {
  const std::string word = argc == 2 || argc == 3 ? argv[1] : "";
  LinearizabilityOptions options;
  if (word == "--help" || word == "-h") {
    std::cout << kUsage;
    return kYes;
  }
  const bool good = argc != 3 || (absl::SimpleAtoi(argv[2], &options.max_configurations) &&
                                  options.max_configurations > 0);
  if (word.empty() || word[0] == '-' || !good) {
    std::cerr << kUsage;
    return kWrongUsage;
  }
  return Check(word, options);
}

}  // namespace
}  // namespace blixard::raft

int main(int argc, char** argv) { return blixard::raft::Main(argc, argv); }
