// Bugs that simulated worlds notice within a few seeds, each by another of their means: what stands
// on disks, votes, commits, states, answers, requests that never end, clusters that do not recover.
// tools/mutate asks for all of them.
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "raft/core/mutation.h"

namespace blixard::raft {
namespace {

constexpr uint64_t kSeeds = 30;  // several times what the slowest of them takes

bool Fails(Mutation mutation, uint64_t seed) {
  const std::string command =
      absl::StrCat("BLIXARD_MUTATION=", static_cast<int>(mutation),
                   " tests/mutation/simulator/simulate --history=/dev/null --seeds 1 --start ",
                   seed, " >/dev/null 2>&1");
  const int status = std::system(command.c_str());
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) <= 1) << command;
  return WEXITSTATUS(status) == 1;
}

TEST(SimulatorNoticeTest, BugsAreNoticedWithinAFewSeeds) {
  for (const Mutation mutation :
       {Mutation::kS2CountsOneTooFew, Mutation::kS3KeepsOldMembership, Mutation::kS7ForgetsVote,
        Mutation::kS12TruncatesSuffix, Mutation::kS15CountsUnstable, Mutation::kS16ForgetsPages,
        Mutation::kS18TakesStaleFrames, Mutation::kS19ForgetsSync,
        Mutation::kS19ForgetsDirectorySync, Mutation::kS19PromisesBeforeSync,
        Mutation::kS20ReplayKeepsConflictingLog, Mutation::kS22LearnersVote,
        Mutation::kS24AnswersBeforeApply, Mutation::kS24AppliesRepeated,
        Mutation::kS24SnapshotForgetsSessions, Mutation::kL8RefusesAfterElection,
        Mutation::kL10WindowLeaks, Mutation::kL14ForgetsProposals}) {
    uint64_t seed = 1;
    while (seed <= kSeeds && !Fails(mutation, seed)) ++seed;
    EXPECT_LE(seed, kSeeds) << "switch " << static_cast<int>(mutation) << " was not noticed";
  }
}

TEST(SimulatorNoticeTest, WithoutABugNothingIsNoticed) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) EXPECT_FALSE(Fails(Mutation::kNone, seed));
}

}  // namespace
}  // namespace blixard::raft
