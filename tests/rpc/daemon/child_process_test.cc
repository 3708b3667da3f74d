#include "rpc/daemon/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <sstream>
#include <string>

namespace blixard::rpc {
namespace {

std::string Log(const char* name) { return ::testing::TempDir() + "/" + name; }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ChildProcessTest, ExitCodeAndOutputAreKept) {
  const std::string log = Log("kept");
  absl::StatusOr<ChildProcess> child =
      ChildProcess::Start({"/bin/sh", "-c", "echo out; echo err >&2; exit 7"}, log);
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(child->Wait(absl::Seconds(30)), 7);
  EXPECT_EQ(ReadFile(log), "out\nerr\n");
}

TEST(ChildProcessTest, KilledChildSaysWhichSignal) {
  absl::StatusOr<ChildProcess> child = ChildProcess::Start({"/bin/sleep", "1000"}, Log("killed"));
  ASSERT_TRUE(child.ok());
  EXPECT_FALSE(child->Wait(absl::Milliseconds(10)).has_value()) << "it still runs";
  child->Signal(SIGKILL);
  EXPECT_EQ(child->Wait(absl::Seconds(30)), 128 + SIGKILL);
}

TEST(ChildProcessTest, MissingProgramEndsWith127) {
  absl::StatusOr<ChildProcess> child = ChildProcess::Start({"/no/such/program"}, Log("missing"));
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(child->Wait(absl::Seconds(30)), 127);
}

TEST(ChildProcessTest, LogThatCannotBeOpenedIsAnError) {
  const absl::StatusOr<ChildProcess> child =
      ChildProcess::Start({"/bin/true"}, "/no/such/directory/log");
  ASSERT_FALSE(child.ok());
  EXPECT_NE(child.status().message().find("/no/such/directory/log"), std::string::npos);
}

TEST(ChildProcessTest, DestroyingItKillsTheChild) {
  pid_t pid = 0;
  {
    absl::StatusOr<ChildProcess> child = ChildProcess::Start({"/bin/sleep", "1000"}, Log("gone"));
    ASSERT_TRUE(child.ok());
    pid = child->pid();
    ASSERT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

}  // namespace
}  // namespace blixard::rpc
