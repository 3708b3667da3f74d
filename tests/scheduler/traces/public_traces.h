// Where the public trace files are on this machine. They are not part of the project: a test that
// needs them skips where they are absent.
#ifndef BLIXARD_TESTS_SCHEDULER_TRACES_PUBLIC_TRACES_H_
#define BLIXARD_TESTS_SCHEDULER_TRACES_PUBLIC_TRACES_H_

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace blixard::scheduler::traces {

// The path of `file` in the folder that BLIXARD_TRACES names; empty when there is none.
inline std::string PublicTrace(absl::string_view file) {
  const char* folder = std::getenv("BLIXARD_TRACES");
  if (folder == nullptr) return "";
  const std::string path = absl::StrCat(folder, "/", file);
  return access(path.c_str(), R_OK) == 0 ? path : "";
}

}  // namespace blixard::scheduler::traces

#define BLIXARD_SKIP_WITHOUT(path)                                              \
  if ((path).empty()) {                                                         \
    GTEST_SKIP() << "public traces absent: pass --test_env=BLIXARD_TRACES=DIR"; \
  }                                                                             \
  static_assert(true)

#endif  // BLIXARD_TESTS_SCHEDULER_TRACES_PUBLIC_TRACES_H_
