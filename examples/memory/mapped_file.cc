// A few records out of a large file: only the pages touched are read.
#include "memory_optimization/mapped_file.h"

#include <glog/logging.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

using blixard::memory::MappedFile;

int main() {
  const char* const directory = std::getenv("TEST_TMPDIR");
  const std::string path = std::string(directory == nullptr ? "/tmp" : directory) + "/records";
  std::ofstream(path) << std::string(1'000'000, '.') << "record 17" << std::string(1'000'000, '.');

  const absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  CHECK(file.ok()) << file.status();
  CHECK(file->bytes().substr(1'000'000, 9) == "record 17");
  CHECK(file->CheckSize().ok());  // nobody may shrink a mapped file: touching it is a SIGBUS then
  std::remove(path.c_str());
  LOG(INFO) << MappedFile::Open(path).status();
}
