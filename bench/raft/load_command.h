// What the measuring program tells a replica's process on its standard input, a command a line:
//
//   run OUTSTANDING MILLISECONDS
//
// The answer is one line on standard output: figures (load_figures.h), or kNotLeading.
#ifndef BLIXARD_BENCH_RAFT_LOAD_COMMAND_H_
#define BLIXARD_BENCH_RAFT_LOAD_COMMAND_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace blixard::bench {

inline constexpr size_t kLoadPayloadBytes = 256;
inline constexpr char kNotLeading[] = "not leading";

// Keep `outstanding` proposals open for this long.
struct LoadCommand {
  size_t outstanding = 0;
  uint64_t milliseconds = 0;
};

inline std::string ToLine(const LoadCommand& command) {
  return "run " + std::to_string(command.outstanding) + " " + std::to_string(command.milliseconds) +
         "\n";
}

// Nothing when the line is no command.
inline std::optional<LoadCommand> ParseLoadCommand(const std::string& line) {
  unsigned long outstanding = 0;
  unsigned long milliseconds = 0;
  if (std::sscanf(line.c_str(), "run %lu %lu", &outstanding, &milliseconds) != 2) {
    return std::nullopt;
  }
  return LoadCommand{.outstanding = outstanding, .milliseconds = milliseconds};
}

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RAFT_LOAD_COMMAND_H_
