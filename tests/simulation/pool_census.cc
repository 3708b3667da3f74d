#include "tests/simulation/pool_census.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "memory_optimization/pool_registry.h"

namespace blixard::raft {

PoolCensus::PoolCensus() {
  memory::PoolRegistry::Global().ForEach(
      [this](std::string_view name, const memory::PoolStats& stats) {
        if (stats.live > 0) live_[std::string(name)] += stats.live;
      });
}

std::string PoolCensus::Difference() const {
  const PoolCensus now;
  if (now.live_ == live_) return "";
  std::map<std::string, int64_t> more;
  for (const auto& [name, live] : now.live_) more[name] += static_cast<int64_t>(live);
  for (const auto& [name, live] : live_) more[name] -= static_cast<int64_t>(live);
  std::string text;
  for (const auto& [name, difference] : more) {
    if (difference == 0) continue;
    absl::StrAppend(&text, text.empty() ? "not all pooled objects came back: " : ", ", name, " ",
                    difference);
  }
  return text;
}

}  // namespace blixard::raft
