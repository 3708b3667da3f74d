// A lock-free protocol of memory_optimization as the explorer sees it: what must hold under every
// schedule, and bugs planted one by one that must be found. A model that finds none of them would
// say nothing about the protocol.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_PROTOCOL_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/site.h"

namespace blixard::memory::schedules {

using Explorer = std::function<ExploreResult(const ExploreOptions&)>;

struct Bug {
  std::string name;
  Explorer explore;  // must fail
};

// A memory order that no schedule misses when it becomes relaxed, and why it stands there.
struct SpareOrder {
  std::string function;
  Operation operation;
  size_t nth;  // among those of the function, in source order
  std::string reason;
};

struct Protocol {
  std::string name;
  std::string claim;
  Explorer explore;  // must not fail
  std::vector<Bug> bugs;
  std::vector<SpareOrder> spare_orders = {};
};

// By its name.
std::ostream& operator<<(std::ostream& out, const Protocol& protocol);

template <class Scenario>
Explorer ExplorerOf() {
  return [](const ExploreOptions& options) { return Explore<Scenario>(options); };
}

// Where a plant goes: see FindSite.
struct PlantSpot {
  std::string function;
  Operation operation;
  Plant::Kind kind;
  size_t nth = 0;
  uint64_t value = 0;
};

// A scenario that is broken itself.
template <class Scenario>
Bug BrokenScenario(std::string name) {
  return {.name = std::move(name), .explore = ExplorerOf<Scenario>()};
}

// A sound scenario with one access broken.
Bug BrokenAccess(std::string name, const Explorer& explore, const PlantSpot& spot);

// The sites that `explore` comes by, in source order.
std::vector<Site> SitesOf(const Explorer& explore);

// One bug for every order stronger than relaxed, the spare ones excepted.
std::vector<Bug> RelaxedOrders(const Protocol& protocol);

// All that this folder knows.
std::vector<Protocol> Protocols();

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_PROTOCOL_H_
