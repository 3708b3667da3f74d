// Runs programs of the test's runfiles and reads what they say.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_PROGRAM_OUTPUT_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_PROGRAM_OUTPUT_H_

#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

namespace blixard::memory {

struct ProgramOutput {
  int status = -1;   // exit code; -1: ended by a signal, or not started
  std::string text;  // standard output and what the command joins to it
};

// `command` is the shell's.
inline ProgramOutput RunProgram(const std::string& command) {
  ProgramOutput output;
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char part[4096];
  size_t length = 0;
  while ((length = fread(part, 1, sizeof(part), pipe)) > 0) output.text.append(part, length);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) output.status = WEXITSTATUS(status);
  return output;
}

inline std::string ReadWholeFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace blixard::memory

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_PROGRAM_OUTPUT_H_
