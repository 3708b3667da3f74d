// A list of an expected length, with room for a few more: one allocation.
#include "memory_optimization/headroom.h"

#include <glog/logging.h>

#include <cstdint>
#include <vector>

using blixard::memory::WithHeadroom;

int main() {
  std::vector<int> answers;
  answers.reserve(WithHeadroom(1000));  // 1250
  const int* const place = answers.data();
  for (int i = 0; i < 1250; ++i) answers.push_back(i);
  CHECK(answers.data() == place);
  CHECK_EQ(WithHeadroom(SIZE_MAX), SIZE_MAX) << "saturates: containers refuse it";
}
