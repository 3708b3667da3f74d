#include "memory_optimization/pool_budget.h"

#include <glog/logging.h>

#include <iomanip>
#include <sstream>

namespace blixard::memory {
namespace {

constexpr int kNumberWidth = 10;

void PrintLine(std::ostream& out, size_t objects, std::string_view holder) {
  out << std::setw(kNumberWidth) << objects << "  " << holder << "\n";
}

}  // namespace

PoolConfig PoolBudget::Configure(PoolConfig config) const {
  const size_t total = Total();
  CHECK_GE(total, 1u) << "pool budget \"" << pool << "\": no limits are declared";
  CHECK_LE(config.min_size, total) << "pool budget \"" << pool << "\": min_size";
  config.max_size = total;
  return config;
}

std::string PrintPoolBudgets(std::span<const PoolBudget> budgets) {
  std::ostringstream out;
  for (const PoolBudget& budget : budgets) {
    out << budget.pool << "\n";
    for (const PoolLimit& limit : budget.limits) PrintLine(out, limit.objects, limit.holder);
    PrintLine(out, budget.Total(), "in all");
  }
  return out.str();
}

}  // namespace blixard::memory
