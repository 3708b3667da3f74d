#include "tests/memory_optimization/schedules/protocol.h"

#include <glog/logging.h>

#include <algorithm>
#include <atomic>
#include <optional>

namespace blixard::memory::schedules {
namespace {

constexpr uint64_t kSchedulesToSeeAllSites = 500;

Explorer With(const Explorer& explore, const Plant& plant) {
  return [explore, plant](ExploreOptions options) {
    options.plant = plant;
    return explore(options);
  };
}

bool HasOrder(const Site& site) {
  switch (site.operation) {
    case Operation::kFence:
    case Operation::kCompilerFence:
    case Operation::kBarrier:
    case Operation::kLock:
    case Operation::kUnlock:
    case Operation::kYield:
    case Operation::kNotify:
      return false;
    default:
      return site.order != std::memory_order_relaxed;
  }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Protocol& protocol) {
  return out << protocol.name;
}

std::vector<Site> SitesOf(const Explorer& explore) {
  return explore({.schedules = kSchedulesToSeeAllSites, .collect_sites = true}).sites;
}

Bug BrokenAccess(std::string name, const Explorer& explore, const PlantSpot& spot) {
  return {.name = std::move(name), .explore = [explore, spot](const ExploreOptions& options) {
            const std::optional<Site> site =
                FindSite(SitesOf(explore), spot.function, spot.operation, spot.nth);
            CHECK(site.has_value()) << "no " << Name(spot.operation) << " in " << spot.function
                                    << " to break: the code has changed, so must the plant";
            const Plant plant = {.site = *site, .kind = spot.kind, .value = spot.value};
            return With(explore, plant)(options);
          }};
}

std::vector<Bug> RelaxedOrders(const Protocol& protocol) {
  const std::vector<Site> sites = SitesOf(protocol.explore);
  std::vector<Bug> bugs;
  for (const Site& site : sites) {
    if (!HasOrder(site)) continue;
    const auto is_it = [&](const SpareOrder& spare) {
      const std::optional<Site> found = FindSite(sites, spare.function, spare.operation, spare.nth);
      return found.has_value() && found->IsAt(site);
    };
    if (std::any_of(protocol.spare_orders.begin(), protocol.spare_orders.end(), is_it)) continue;
    const Plant plant = {.site = site, .kind = Plant::Kind::kRelax};
    bugs.push_back({.name = ToString(plant), .explore = With(protocol.explore, plant)});
  }
  return bugs;
}

}  // namespace blixard::memory::schedules
