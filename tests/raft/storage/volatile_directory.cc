#include "tests/raft/storage/volatile_directory.h"

#include <glog/logging.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace blixard {
namespace {

constexpr char kMemory[] = "/dev/shm";

// In containers it is often as small as 64 MiB: less than a log keeps free.
constexpr uint64_t kWantedBytes = uint64_t{1} << 30;

bool Make(absl::string_view parent, std::string& path) {
  path = absl::StrCat(parent, "/blixard_test.", getpid(), ".XXXXXX");
  return mkdtemp(path.data()) != nullptr;
}

}  // namespace

VolatileDirectory::VolatileDirectory() {
  std::error_code unknown;
  const std::filesystem::space_info memory = std::filesystem::space(kMemory, unknown);
  if (!unknown && memory.available >= kWantedBytes && Make(kMemory, path_)) return;
  PCHECK(Make(::testing::TempDir(), path_)) << path_;
}

VolatileDirectory::~VolatileDirectory() {
  std::error_code failed;
  std::filesystem::remove_all(path_, failed);
  if (failed) LOG(WARNING) << path_ << ": " << failed.message();
}

}  // namespace blixard
