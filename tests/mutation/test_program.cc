#include "tests/mutation/test_program.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace blixard::raft {
namespace {

using Clock = std::chrono::steady_clock;

// What a program says last is what matters.
constexpr size_t kKeptBytes = 64 << 10;

class FreshDirectory {
 public:
  FreshDirectory() {
    const char* const parent = std::getenv("TEST_TMPDIR");
    std::string name = absl::StrCat(parent == nullptr ? "/tmp" : parent, "/mutation.XXXXXX");
    PCHECK(mkdtemp(name.data()) != nullptr) << name;
    path_ = name;
  }
  ~FreshDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FreshDirectory(const FreshDirectory&) = delete;
  FreshDirectory& operator=(const FreshDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Reports and shards are this process's own, should it be a test itself.
void SetEnvironment(const TestOrder& order, const std::string& directory) {
  for (const char* name :
       {"XML_OUTPUT_FILE", "TEST_PREMATURE_EXIT_FILE", "TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS",
        "TEST_SHARD_STATUS_FILE", "TESTBRIDGE_TEST_ONLY", "GTEST_OUTPUT", "GTEST_FILTER"}) {
    unsetenv(name);
  }
  setenv("BLIXARD_MUTATION", absl::StrCat(static_cast<int>(order.mutation)).c_str(), 1);
  setenv("TEST_TMPDIR", directory.c_str(), 1);
  for (const auto& [name, value] : order.environment) setenv(name.c_str(), value.c_str(), 1);
}

[[noreturn]] void BeProgram(const TestOrder& order, const std::string& directory, int channel) {
  setpgid(0, 0);  // so that what it starts can be ended with it
  dup2(channel, STDOUT_FILENO);
  dup2(channel, STDERR_FILENO);
  SetEnvironment(order, directory);
  const std::string program = absl::StrCat(order.folder, "/", ProgramOf(order.tests.front()));
  const std::string filter = absl::StrCat("--gtest_filter=", absl::StrJoin(order.tests, ":"));
  execl(program.c_str(), program.c_str(), filter.c_str(), nullptr);
  PLOG(ERROR) << program;
  _exit(127);
}

struct Words {
  std::string text;
  bool complete = false;  // not: the time was up
};

Words ReadUntil(int channel, Clock::time_point deadline) {
  Words words;
  std::string& text = words.text;
  std::array<char, 4096> block;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return words;
    pollfd waiting{.fd = channel, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(left.count())) < 1) continue;
    const ssize_t got = read(channel, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    words.complete = got <= 0;
    if (words.complete) return words;
    text.append(block.data(), static_cast<size_t>(got));
    if (text.size() > 2 * kKeptBytes) text.erase(0, text.size() - kKeptBytes);
  }
}

bool EndedWell(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  CHECK(!WIFEXITED(status) || WEXITSTATUS(status) != 127) << "the test program cannot be run";
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::string ProgramOf(absl::string_view test) {
  std::string name;
  for (const char letter : test.substr(0, test.find('.'))) {
    if (std::isupper(letter) != 0 && !name.empty()) name.push_back('_');
    name.push_back(static_cast<char>(std::tolower(letter)));
  }
  if (!absl::EndsWith(name, "_test")) name.append("_test");
  return name;
}

TestOutcome RunTests(const TestOrder& order) {
  CHECK(!order.tests.empty());
  const FreshDirectory directory;
  std::array<int, 2> channel;
  PCHECK(pipe2(channel.data(), O_CLOEXEC) == 0);
  const pid_t child = fork();
  PCHECK(child >= 0);
  if (child == 0) BeProgram(order, directory.path(), channel[1]);
  setpgid(child, child);  // here as well: whoever comes first
  close(channel[1]);
  TestOutcome outcome;
  Words words = ReadUntil(channel[0], Clock::now() + std::chrono::seconds(order.seconds));
  close(channel[0]);
  outcome.timed_out = !words.complete;
  if (outcome.timed_out) kill(-child, SIGKILL);
  outcome.output = std::move(words.text);
  // A name that no test has passes nothing.
  const std::string all = absl::StrCat("[  PASSED  ] ", order.tests.size(), " test");
  outcome.passed = EndedWell(child) && absl::StrContains(outcome.output, all);
  return outcome;
}

}  // namespace blixard::raft
