#include "bench/raft/measured_process.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "bench/raft/resident_memory.h"

namespace blixard::bench {
namespace {

struct Ends {
  int input;
  int output;
  int error;
};

// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void Become(char* const* arguments, const Ends& ends) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(ends.input, STDIN_FILENO);
  dup2(ends.output, STDOUT_FILENO);
  dup2(ends.error, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

}  // namespace

MeasuredProcess::MeasuredProcess(const std::vector<std::string>& command,
                                 const std::string& log_file) {
  int questions[2];
  int answers[2];
  PCHECK(pipe2(questions, O_CLOEXEC) == 0);
  PCHECK(pipe2(answers, O_CLOEXEC) == 0);
  const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  PCHECK(log >= 0) << log_file;
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_ = fork();
  PCHECK(pid_ >= 0);
  if (pid_ == 0) {
    Become(arguments.data(), {.input = questions[0], .output = answers[1], .error = log});
  }
  close(questions[0]);
  close(answers[1]);
  close(log);
  to_child_ = questions[1];
  from_child_ = answers[0];
}

MeasuredProcess::~MeasuredProcess() {
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  close(to_child_);
  close(from_child_);
}

std::optional<std::string> MeasuredProcess::Ask(const std::string& line) {
  if (write(to_child_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    return std::nullopt;
  }
  size_t end;
  while ((end = received_.find('\n')) == std::string::npos) {
    char bytes[256];
    const ssize_t got = read(from_child_, bytes, sizeof(bytes));
    if (got <= 0) return std::nullopt;
    received_.append(bytes, static_cast<size_t>(got));
  }
  std::string answer = received_.substr(0, end);
  received_.erase(0, end + 1);
  return answer;
}

double MeasuredProcess::ResidentMiB() const { return bench::ResidentMiB(std::to_string(pid_)); }

}  // namespace blixard::bench
