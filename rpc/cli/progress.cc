#include "rpc/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

namespace blixard::rpc {
namespace {

constexpr size_t kBarWidth = 40;

}  // namespace

bool Progress::IsTerminal() { return ::isatty(STDERR_FILENO) == 1; }

void Progress::Show(size_t done, size_t all) {
  if (all == 0) return;
  all_ = all;
  if (terminal_) {
    const size_t filled = done * kBarWidth / all;
    std::cerr << fmt::format("\r{} [{:=<{}}{: <{}}] {:3}% {}/{}", what_, "", filled, "",
                             kBarWidth - filled, done * 100 / all, done, all)
              << std::flush;
    return;
  }
  const size_t tenths = done * 10 / all;
  if (tenths <= tenths_shown_) return;
  tenths_shown_ = tenths;
  std::cerr << fmt::format("{}: {}% ({} of {})\n", what_, tenths * 10, done, all);
}

void Progress::Finish() {
  Show(all_, all_);
  if (terminal_) std::cerr << "\n";
}

}  // namespace blixard::rpc
