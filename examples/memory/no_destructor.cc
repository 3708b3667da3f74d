// A table that code running at process exit may still use.
#include "memory_optimization/no_destructor.h"

#include <glog/logging.h>

#include <string>
#include <vector>

using blixard::memory::NoDestructor;

const std::vector<std::string>& Zones() {
  static const NoDestructor<std::vector<std::string>> zones(3u, "zone");  // built on first use
  return *zones;
}

struct LogsAtExit {
  ~LogsAtExit() { CHECK_EQ(Zones().size(), 3u); }
};
LogsAtExit logs_at_exit;  // destroyed after a plain static in Zones() would be

int main() { CHECK_EQ(Zones().front(), "zone"); }
