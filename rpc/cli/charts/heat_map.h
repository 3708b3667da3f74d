// Many shares at one look: a square for each, its colour says how full. Colours are classes (h0 to
// h9 by tenths, over = above 1, none = an empty outline) that the page's style sheet paints, so
// that the picture follows a light or dark page. Pure.
#ifndef BLIXARD_RPC_CLI_CHARTS_HEAT_MAP_H_
#define BLIXARD_RPC_CLI_CHARTS_HEAT_MAP_H_

#include <string>
#include <vector>

namespace blixard::rpc {

struct HeatCell {
  std::string title;  // the tooltip
  double share = 0;
  bool empty = false;  // drawn as an outline whatever its share is
};

struct HeatMap {
  std::string label;  // what the picture shows, for readers that do not see it
  std::vector<HeatCell> cells;
};

// One <svg>, squares row by row. The caller bounds the number of cells.
std::string RenderHeatMap(const HeatMap& map);

// The key to the colours, as HTML.
std::string RenderHeatLegend();

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_CHARTS_HEAT_MAP_H_
