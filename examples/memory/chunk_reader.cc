// Lines of a file of any size in constant memory, whatever stands in it.
#include "memory_optimization/chunk_reader.h"

#include <glog/logging.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

using blixard::memory::ChunkReader;
using blixard::memory::DescriptorSource;

int main() {
  const char* const directory = std::getenv("TEST_TMPDIR");
  const std::string path = std::string(directory == nullptr ? "/tmp" : directory) + "/lines.txt";
  std::ofstream(path) << "one\r\ntwo\n" << std::string(5000, 'x') << "\nfour\n";

  const auto source = DescriptorSource::Open(path);
  CHECK(source.ok()) << source.status();
  ChunkReader reader(**source, {.name = path, .max_line_bytes = 100});
  CHECK(reader.NextLine() == "one");
  CHECK(reader.NextLine() == "two");
  CHECK(!reader.NextLine().has_value());
  LOG(INFO) << reader.status();  // names the file, the line and the bound
  CHECK(!reader.status().ok());
  std::remove(path.c_str());
}
