// Each known bug, put back, must be noticed by the tests that were written for it. tools/mutate
// looks besides what random groups and the simulator notice.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/mutation/mutation_table.h"
#include "tests/mutation/test_program.h"

namespace blixard::raft {
namespace {

constexpr char kPrograms[] = "tests/mutation/programs";

// Tests that are known to hang with the bug get a few seconds. Any other that has not ended by the
// later time is slow, which says nothing of the bug.
constexpr uint32_t kSecondsToHang = 5;
constexpr uint32_t kSecondsToFail = 60;

class MutationTest : public testing::TestWithParam<MutationRow> {};

TEST_P(MutationTest, FailsItsTests) {
  const std::vector<std::string> tests = TestsOf(GetParam());
  ASSERT_FALSE(tests.empty());
  for (const std::string& test : tests) {
    const TestOutcome outcome =
        RunTests({.folder = kPrograms,
                  .tests = {test},
                  .mutation = GetParam().mutation,
                  .seconds = GetParam().hangs ? kSecondsToHang : kSecondsToFail,
                  .environment = {}});
    EXPECT_FALSE(outcome.passed) << test << " did not notice: " << GetParam().bug;
    EXPECT_TRUE(GetParam().hangs || !outcome.timed_out) << test << " did not end";
  }
}

INSTANTIATE_TEST_SUITE_P(Switches, MutationTest,
                         testing::ValuesIn(MutationTable().begin(), MutationTable().end()),
                         [](const auto& info) { return std::string(info.param.name); });

// Else failing would mean nothing. The same programs, so that a test that is gone is missed, too.
TEST(MutationTableTest, TestsPassWithoutABug) {
  std::map<std::string, std::set<std::string>> tests_of;
  for (const MutationRow& row : MutationTable()) {
    for (const std::string& test : TestsOf(row)) tests_of[ProgramOf(test)].insert(test);
  }
  for (const auto& [program, tests] : tests_of) {
    const TestOutcome outcome =
        RunTests({.folder = kPrograms, .tests = {tests.begin(), tests.end()}, .environment = {}});
    EXPECT_TRUE(outcome.passed) << program << ": " << outcome.output;
  }
}

TEST(MutationTableTest, RowsAreThoseOfTheNames) {
  EXPECT_EQ(ScenarioOf({.name = "kS1CommitsPriorTerm"}), "S1");
  EXPECT_EQ(ScenarioOf({.name = "kL16IgnoresByteRate"}), "L16");
}

TEST(TestProgramTest, ProgramsGoByTheirSuites) {
  EXPECT_EQ(ProgramOf("RaftScenariosTest.S2_TwoOfFiveDoNotCommit"), "raft_scenarios_test");
  EXPECT_EQ(ProgramOf("ProtocolScript.election"), "protocol_script_test");
}

TEST(TestProgramTest, ATestThatIsNotThereDoesNotPass) {
  EXPECT_FALSE(
      RunTests({.folder = kPrograms, .tests = {"InboxTest.NobodyWroteThis"}, .environment = {}})
          .passed);
}

}  // namespace
}  // namespace blixard::raft
