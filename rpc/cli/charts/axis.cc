#include "rpc/cli/charts/axis.h"

#include <algorithm>
#include <cmath>

namespace blixard::rpc {

std::vector<double> RoundTicks(double most, size_t steps) {
  if (!(most > 0) || !std::isfinite(most)) return {0, 1};
  const double raw = most / static_cast<double>(std::max<size_t>(steps, 1));
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double ratio = raw / power;
  const double step = power * (ratio <= 1.0001   ? 1
                               : ratio <= 2.0001 ? 2
                               : ratio <= 5.0001 ? 5
                                                 : 10);
  std::vector<double> ticks;
  const auto count = static_cast<size_t>(std::ceil(most / step - 1e-9));
  for (size_t i = 0; i <= std::max<size_t>(count, 1); ++i) {
    ticks.push_back(step * static_cast<double>(i));
  }
  return ticks;
}

}  // namespace blixard::rpc
