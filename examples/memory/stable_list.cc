// Jobs that others point at while the list grows at its end and is consumed at its front.
#include "memory_optimization/stable_list.h"

#include <glog/logging.h>

#include <string>

using blixard::memory::StableList;

int main() {
  StableList<std::string> jobs = {"first"};
  const std::string* const first = &jobs.front();
  for (int i = 0; i < 10'000; ++i) jobs.push_back("job " + std::to_string(i));
  CHECK(first == &jobs.front()) << "growth moved nothing";
  const std::string* const last = &jobs.back();
  while (jobs.size() > 1) jobs.pop_front();
  CHECK_EQ(*last, "job 9999");
}
