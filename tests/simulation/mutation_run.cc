// The program behind tools/mutate: puts one known bug after the other back into the code and looks
// who notices. Built with the switches of raft/core/mutation.h (mutations.bzl).
#include <fcntl.h>
#include <glog/logging.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "raft/core/mutation.h"
#include "tests/simulation/isolated_run.h"
#include "tests/simulation/world.h"

namespace blixard::raft {
namespace {

struct MutationRow {
  absl::string_view row;   // of RAFT_SCENARIOS.md
  absl::string_view name;  // of the switch
};

// In the order of the enumerators.
constexpr std::array kRows = {
    MutationRow{"S1", "kS1CommitsPriorTerm"},
    MutationRow{"S2", "kS2CountsOneTooFew"},
    MutationRow{"S3", "kS3KeepsOldMembership"},
    MutationRow{"S4", "kS4SecondChangeAtOnce"},
    MutationRow{"S4", "kS4CampaignsUnapplied"},
    MutationRow{"S5", "kS5LeavesUncommittedJoint"},
    MutationRow{"S6", "kS6HeartbeatReplyKeepsLeader"},
    MutationRow{"S7", "kS7ForgetsVote"},
    MutationRow{"S8", "kS8ReadsBeforeOwnCommit"},
    MutationRow{"S9", "kS9ReusesRound"},
    MutationRow{"S10", "kS10LeaseNeverEnds"},
    MutationRow{"S10", "kS10LeaseSurvivesTransfer"},
    MutationRow{"S11", "kS11CountsOldAcks"},
    MutationRow{"S12", "kS12TruncatesSuffix"},
    MutationRow{"S12", "kS12PurgedIsConflict"},
    MutationRow{"S13", "kS13CommitsStaleTail"},
    MutationRow{"S14", "kS14OverwrittenAppendStable"},
    MutationRow{"S15", "kS15AppliesBeforeStable"},
    MutationRow{"S16", "kS16ForgetsPages"},
    MutationRow{"S20", "kS20KeepsConflictingLog"},
    MutationRow{"S21", "kS21SnapshotOfAnyTerm"},
    MutationRow{"S22", "kS22LearnersVote"},
    MutationRow{"S23", "kS23AppliesAgain"},
    MutationRow{"S25", "kS25TakesForeignMessages"},
    MutationRow{"S26", "kS26ToleratesTwoLeaders"},
    MutationRow{"L1", "kL1SilentToOlderTerm"},
    MutationRow{"L3", "kL3RefusalKeepsTimer"},
    MutationRow{"L4", "kL4NoCheckQuorum"},
    MutationRow{"L5", "kL5ForgetsAutoLeave"},
    MutationRow{"L6", "kL6RemovedLeaderJustStops"},
    MutationRow{"L7", "kL7HeedsEveryCandidate"},
    MutationRow{"L8", "kL8RefusesAfterElection"},
    MutationRow{"L9", "kL9TermOfCompacted"},
    MutationRow{"L10", "kL10WindowLeaks"},
    MutationRow{"L11", "kL11LossIsNotTold"},
    MutationRow{"L12", "kL12SnapshotRetriedAtOnce"},
    MutationRow{"L13", "kL13TimeoutNowNeedsPromotion"},
    MutationRow{"L13", "kL13ProposesDuringTransfer"},
    MutationRow{"L14", "kL14ForgetsReads"},
};
static_assert(kRows.size() == static_cast<size_t>(Mutation::kCount) - 1, "a switch has no row");

struct Flags {
  uint64_t seeds = 200;
  std::vector<std::string> tests;
  std::vector<std::string> only;
  uint32_t seconds = 60;
};

// Runs a test program with the switch set, as BLIXARD_MUTATION; true if it passes.
bool TestPasses(const std::string& program, size_t mutation, uint32_t seconds) {
  const pid_t child = fork();
  PCHECK(child >= 0);
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    setenv("BLIXARD_MUTATION", absl::StrCat(mutation).c_str(), 1);
    alarm(seconds);  // a test that hangs has noticed, too
    execl(program.c_str(), program.c_str(), "--gtest_brief=1", nullptr);
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string NameOf(const std::string& program) { return program.substr(program.rfind('/') + 1); }

// The first seed that notices; none within the budget.
std::optional<uint64_t> SeedsNeeded(Mutation mutation, uint64_t budget) {
  for (uint64_t seed = 1; seed <= budget; ++seed) {
    const std::string violation =
        RunIsolated({.seed = seed}, [mutation] { SetMutation(mutation); });
    if (!violation.empty()) return seed;
  }
  return std::nullopt;
}

bool Chosen(const Flags& flags, const MutationRow& row) {
  if (flags.only.empty()) return true;
  for (const std::string& name : flags.only) {
    if (row.row == name || row.name == name) return true;
  }
  return false;
}

// Returns how many were missed.
int Run(const Flags& flags) {
  int caught = 0, missed = 0;
  absl::PrintF("| row | switch | simulator: seeds needed (of %d) | tests that fail |\n",
               flags.seeds);
  absl::PrintF("|---|---|---|---|\n");
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (!Chosen(flags, kRows[i])) continue;
    const std::optional<uint64_t> seeds = SeedsNeeded(static_cast<Mutation>(i + 1), flags.seeds);
    std::string tests;
    for (const std::string& program : flags.tests) {
      if (TestPasses(program, i + 1, flags.seconds)) continue;
      absl::StrAppend(&tests, tests.empty() ? "" : ", ", NameOf(program));
    }
    (seeds.has_value() || !tests.empty() ? caught : missed) += 1;
    absl::PrintF("| %s | %s | %s | %s |\n", kRows[i].row, kRows[i].name,
                 seeds.has_value() ? absl::StrCat(*seeds) : "-", tests.empty() ? "-" : tests);
    std::fflush(stdout);
  }
  absl::PrintF("\n%d of %d caught\n", caught, caught + missed);
  return missed;
}

int Main(int argc, char** argv) {
  CLI::App app("Puts known Raft bugs back, one by one, and prints who notices each.",
               "tools/mutate");
  Flags flags;
  app.add_option("--seeds", flags.seeds, "Simulated worlds per bug, at most")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000}))
      ->default_val(200);
  app.add_option("--only", flags.only, "Rows or switches, as S1 or kS1CommitsPriorTerm");
  app.add_option("--tests", flags.tests, "Test programs built with the switches");
  app.footer(
      "Examples:\n"
      "  tools/mutate\n"
      "  tools/mutate --only S7 --only L5 --seeds 2000\n\n"
      "Exit codes: 0 every bug was noticed; 1 some were not; 2 wrong usage.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // how CLI11 says "wrong usage" and "help was asked for"
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (Mutation self = Mutation::kNone; !SeedsNeeded(self, 3).has_value()) {
    return Run(flags) == 0 ? 0 : 1;
  }
  absl::PrintF("without any bug put back, a world fails already: see tools/simulate\n");
  return 1;
}

}  // namespace
}  // namespace blixard::raft

int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  FLAGS_minloglevel = google::GLOG_FATAL;
  return blixard::raft::Main(argc, argv);
}
