// Where values go on a picture's side. Pure.
#ifndef BLIXARD_RPC_CLI_CHARTS_AXIS_H_
#define BLIXARD_RPC_CLI_CHARTS_AXIS_H_

#include <cstddef>
#include <vector>

namespace blixard::rpc {

// The part of an SVG that the data fills; what is around it is for labels. In pixels.
struct PlotArea {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;

  constexpr double right() const { return left + width; }
  constexpr double bottom() const { return top + height; }
};

// A straight line from values to pixels. A span of no length maps all to its start.
struct LinearScale {
  double value_from = 0;
  double value_to = 1;
  double pixel_from = 0;
  double pixel_to = 1;

  constexpr double operator()(double value) const {
    if (value_to == value_from) return pixel_from;
    const double share = (value - value_from) / (value_to - value_from);
    return pixel_from + share * (pixel_to - pixel_from);
  }
};

// 0 and round steps (1, 2 or 5 times a power of ten) up to the first that covers `most`: about
// `steps` of them, at most twice as many. For `most` not above 0: {0, 1}.
std::vector<double> RoundTicks(double most, size_t steps);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_CHARTS_AXIS_H_
