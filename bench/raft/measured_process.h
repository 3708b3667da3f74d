// A child process that answers lines with lines.
#ifndef BLIXARD_BENCH_RAFT_MEASURED_PROCESS_H_
#define BLIXARD_BENCH_RAFT_MEASURED_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace blixard::bench {

// Killed when this object or the parent dies. Not thread-safe.
class MeasuredProcess {
 public:
  // Runs `command`, path first; what it says on standard error goes to `log_file`. CHECKs that the
  // system lets it.
  MeasuredProcess(const std::vector<std::string>& command, const std::string& log_file);
  ~MeasuredProcess();

  MeasuredProcess(const MeasuredProcess&) = delete;
  MeasuredProcess& operator=(const MeasuredProcess&) = delete;

  // Sends `line`, which ends with a newline, and waits for one line back. Nothing when the process
  // has ended.
  std::optional<std::string> Ask(const std::string& line);

  // Its resident memory. 0 when it has ended.
  double ResidentMiB() const;

 private:
  pid_t pid_ = 0;
  int to_child_ = -1;
  int from_child_ = -1;
  std::string received_;
};

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RAFT_MEASURED_PROCESS_H_
