#include "tests/simulation/isolated_run.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace blixard::raft {
namespace {

// What the child says last, on either channel, is what matters.
constexpr size_t kKeptBytes = 600;

void WriteAll(int file, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

std::string ReadAll(int file) {
  std::string text;
  std::array<char, 4096> block;
  while (true) {
    const ssize_t got = read(file, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(block.data(), static_cast<size_t>(got));
  }
}

// The line in which a failed CHECK says what was wrong, or the end of the text.
std::string Essence(const std::string& text) {
  const size_t check = text.find("Check failed");
  if (check == std::string::npos) {
    return text.size() <= kKeptBytes ? text : text.substr(text.size() - kKeptBytes);
  }
  return text.substr(check, std::min(text.find('\n', check) - check, kKeptBytes));
}

[[noreturn]] void BeChild(const WorldOptions& options, const WorldRunner& run, int channel) {
  dup2(channel, STDERR_FILENO);
  alarm(kSecondsPerSeed);
  const WorldResult result = run(options);
  WriteAll(channel, result.violation);
  _exit(result.violation.empty() ? 0 : 1);
}

}  // namespace

std::string DescribedEnd(int status) {
  if (!WIFSIGNALED(status)) return absl::StrCat("ended with status ", WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGALRM) return "did not end in time";
  return absl::StrCat("died of signal ", WTERMSIG(status));
}

std::string RunIsolated(const WorldOptions& options, const WorldRunner& run) {
  std::array<int, 2> channel;
  PCHECK(pipe2(channel.data(), O_CLOEXEC) == 0);
  const pid_t child = fork();
  PCHECK(child >= 0);
  if (child == 0) {
    close(channel[0]);
    BeChild(options, run, channel[1]);
  }
  close(channel[1]);
  const std::string text = ReadAll(channel[0]);
  close(channel[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  if (WIFEXITED(status) && WEXITSTATUS(status) == 1) {
    return text.empty() ? "the run ended with status 1" : text;
  }
  return absl::StrCat(DescribedEnd(status), ": ", Essence(text));
}

}  // namespace blixard::raft
