#include "rpc/daemon/termination.h"

#include <signal.h>
#include <unistd.h>

#include <ctime>

namespace blixard::rpc {
namespace {

sigset_t TerminationSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void HoldTermination() {
  const sigset_t signals = TerminationSignals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

bool AwaitTermination(absl::Duration timeout) {
  const sigset_t signals = TerminationSignals();
  const timespec limit = absl::ToTimespec(timeout);
  return ::sigtimedwait(&signals, nullptr, &limit) > 0;
}

void RequestTermination() { ::kill(::getpid(), SIGTERM); }

}  // namespace blixard::rpc
