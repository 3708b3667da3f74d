// Requests of a busy, clumsy client: few names, so that they collide; repeats; bytes that are no
// request.
#ifndef BLIXARD_TESTS_SCHEDULER_REPLICATED_RANDOM_REQUESTS_H_
#define BLIXARD_TESTS_SCHEDULER_REPLICATED_RANDOM_REQUESTS_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "scheduler/replicated/request.h"

namespace blixard::scheduler {

// Deterministic by its seed.
class RandomRequests {
 public:
  explicit RandomRequests(uint64_t seed) : random_(seed) {}

  std::string Next();

 private:
  Request NewRequest(std::string& name);

  std::mt19937_64 random_;
  uint64_t sequence_ = 0;
  std::vector<std::string> sent_;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_TESTS_SCHEDULER_REPLICATED_RANDOM_REQUESTS_H_
