// Rendered reports: large, read now and then, and much the same throughout.
#include "memory_optimization/compressed_cache.h"

#include <glog/logging.h>

#include <string>

using blixard::memory::CompressedCache;

int main() {
  CompressedCache reports({.name = "reports", .max_bytes = 1 << 20});
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "node " + std::to_string(i) + " has room for 12 VMs\n";
  CHECK(reports.Put("rack-17", text).ok());

  std::string scratch;  // given again and again, it allocates nothing
  const auto read = reports.Read("rack-17", scratch);
  CHECK(read.ok() && read->has_value());
  CHECK(**read == text);
  LOG(INFO) << reports.Stats().text_bytes << " bytes take " << reports.Stats().stored_bytes;
  CHECK_LT(4 * reports.Stats().stored_bytes, reports.Stats().text_bytes);
}
