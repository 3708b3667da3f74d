// Waiting for the signals that end a daemon.
#ifndef BLIXARD_RPC_DAEMON_TERMINATION_H_
#define BLIXARD_RPC_DAEMON_TERMINATION_H_

#include "absl/time/time.h"

namespace blixard::rpc {

// SIGINT and SIGTERM no longer kill the process but wait for AwaitTermination. Call before the
// first thread is started: threads inherit it.
void HoldTermination();

// True once one of them has come, or RequestTermination was called; false after `timeout`.
bool AwaitTermination(absl::Duration timeout);

// Asks the process to end, from any thread.
void RequestTermination();

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_TERMINATION_H_
