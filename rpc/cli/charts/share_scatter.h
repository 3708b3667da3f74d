// Two shares of many things against each other, counted on a grid: the area of each mark says how
// many there are. Marks far from the diagonal have one resource left over. Pure.
#ifndef BLIXARD_RPC_CLI_CHARTS_SHARE_SCATTER_H_
#define BLIXARD_RPC_CLI_CHARTS_SHARE_SCATTER_H_

#include <string>
#include <vector>

namespace blixard::rpc {

struct SharePoint {
  double x = 0;  // shares of 1; what is outside is drawn at the edge
  double y = 0;
};

struct ShareScatter {
  std::string label;
  std::string x_name;
  std::string y_name;
  std::string below_diagonal;  // said in the corner where x is used up and y is not
  std::string above_diagonal;
  std::vector<SharePoint> points;
};

std::string RenderShareScatter(const ShareScatter& scatter);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_CHARTS_SHARE_SCATTER_H_
