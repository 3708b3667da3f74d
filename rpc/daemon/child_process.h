// A process that this one started: watched, signalled, and never left behind.
#ifndef BLIXARD_RPC_DAEMON_CHILD_PROCESS_H_
#define BLIXARD_RPC_DAEMON_CHILD_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace blixard::rpc {

// Not thread-safe. The child is killed when its starter dies, however that happens.
class ChildProcess {
 public:
  // Runs `command` (path first) with standard output and error appended to `log_file`.
  static absl::StatusOr<ChildProcess> Start(const std::vector<std::string>& command,
                                            const std::string& log_file);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // kills it if it still runs

  pid_t pid() const { return pid_; }

  // Sends a signal; nothing when it has ended.
  void Signal(int signal) const;

  // Its exit code (128 + signal for a killed one) once it has ended; nothing if it still runs after
  // `timeout`.
  std::optional<int> Wait(absl::Duration timeout);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_ = 0;
  std::optional<int> exit_code_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_CHILD_PROCESS_H_
