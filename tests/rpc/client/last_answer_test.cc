#include "rpc/client/last_answer.h"

#include <gtest/gtest.h>

#include "absl/status/status.h"

namespace blixard::rpc {
namespace {

const absl::Status kElection = absl::UnavailableError("an election");
const absl::Status kSilence = absl::DeadlineExceededError("Deadline Exceeded");

TEST(LastAnswerTest, IsWhatTheLastReplicaSaid) {
  LastAnswer last;
  EXPECT_EQ(last.ToString(), "nobody was asked");
  last.Note("a:1", absl::ResourceExhaustedError("busy"));
  last.Note("b:2", kElection);
  EXPECT_EQ(last.ToString(), "b:2 said: an election");
}

TEST(LastAnswerTest, AnAttemptWithoutAnAnswerDoesNotHideTheOneBefore) {
  LastAnswer last;
  last.Note("a:1", kSilence);
  EXPECT_EQ(last.ToString(), "a:1 did not answer");
  last.Note("b:2", kElection);
  EXPECT_EQ(last.ToString(), "b:2 said: an election");
  last.Note("a:1", kSilence);
  last.Note("c:3", kSilence);
  EXPECT_EQ(last.ToString(), "b:2 said: an election; then c:3 did not answer");
}

}  // namespace
}  // namespace blixard::rpc
