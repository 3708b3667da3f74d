// How far long work has come: a bar on a terminal, a few plain lines in a pipe. Standard error.
#ifndef BLIXARD_RPC_CLI_PROGRESS_H_
#define BLIXARD_RPC_CLI_PROGRESS_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace blixard::rpc {

// Used by one thread.
class Progress {
 public:
  // `terminal`: whether standard error is one; IsTerminal() tells.
  Progress(absl::string_view what, bool terminal) : what_(what), terminal_(terminal) {}

  static bool IsTerminal();

  // Terminal: redraws the bar. Pipe: a line for each tenth of `all`.
  void Show(size_t done, size_t all);
  // All is done: the bar is full and stays.
  void Finish();

 private:
  const std::string what_;
  const bool terminal_;
  size_t all_ = 0;
  size_t tenths_shown_ = 0;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_PROGRESS_H_
