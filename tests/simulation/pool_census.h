// Who holds objects of the process's pools.
#ifndef BLIXARD_TESTS_SIMULATION_POOL_CENSUS_H_
#define BLIXARD_TESTS_SIMULATION_POOL_CENSUS_H_

#include <cstdint>
#include <map>
#include <string>

namespace blixard::raft {

// Counts what is out of every registered pool when it is made. Useful while no other thread uses
// them.
class PoolCensus {
 public:
  PoolCensus();

  // Names the pools that have more or fewer objects out than then; empty when there are none.
  std::string Difference() const;

 private:
  std::map<std::string, uint64_t> live_;  // pools of one name together
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_POOL_CENSUS_H_
