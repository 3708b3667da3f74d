#include "memory_optimization/allocation_flame_graph.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/allocation_symbols.h"

namespace blixard::memory {
namespace {

constexpr double kWidth = 1200;
constexpr double kMargin = 10;
constexpr double kRow = 18;
constexpr double kHeader = 56;
constexpr double kNarrowest = 0.5;
constexpr double kLetter = 6.6;  // of 11 px monospace

struct Node {
  std::map<std::string, Node> callees = {};
  uint64_t bytes = 0;
  uint64_t allocations = 0;

  void Add(const AllocationSite& site) {
    bytes += site.bytes;
    allocations += site.allocations;
  }
};

Node TreeOf(const AllocationReport& report) {
  internal::Symbols symbols;
  Node root;
  for (const AllocationSite& site : report.sites) {
    root.Add(site);
    Node* node = &root;
    for (auto frame = site.frames.rbegin(); frame != site.frames.rend(); ++frame) {
      node = &node->callees[symbols.Of(*frame)];
      node->Add(site);
    }
  }
  return root;
}

int DepthOf(const Node& node) {
  int depth = 0;
  for (const auto& [name, callee] : node.callees) depth = std::max(depth, DepthOf(callee));
  return depth + 1;
}

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text,
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

// Warm colours, the same for a function wherever it stands.
std::string ColourOf(absl::string_view name) {
  const size_t hash = std::hash<std::string>()(std::string(name));
  return absl::StrFormat("hsl(%d,%d%%,%d%%)", 8 + hash % 44, 70 + hash / 64 % 20,
                         62 + hash / 4096 % 10);
}

// The end of a qualified name says more than its beginning.
std::string LabelOf(absl::string_view name, double width) {
  const size_t letters = static_cast<size_t>(std::max(0.0, (width - 6) / kLetter));
  if (name.size() <= letters) return std::string(name);
  if (letters < 4) return "";
  return absl::StrCat("..", name.substr(name.size() - (letters - 2)));
}

class Drawing {
 public:
  explicit Drawing(const Node& root) : root_(root) {}

  void Draw(absl::string_view name, const Node& node, double left, int row) {
    const double width = static_cast<double>(node.bytes) * Scale();
    if (width < kNarrowest) return;
    Box(name, node, {.left = left, .top = kHeader + row * kRow, .width = width});
    for (const auto& [callee_name, callee] : node.callees) {
      Draw(callee_name, callee, left, row + 1);
      left += static_cast<double>(callee.bytes) * Scale();
    }
  }
  const std::string& svg() const { return svg_; }

 private:
  struct Place {
    double left = 0;
    double top = 0;
    double width = 0;
  };

  double Scale() const {
    return (kWidth - 2 * kMargin) / static_cast<double>(std::max<uint64_t>(root_.bytes, 1));
  }

  void Box(absl::string_view name, const Node& node, const Place& place) {
    const double share = 100 * static_cast<double>(node.bytes) /
                         static_cast<double>(std::max<uint64_t>(root_.bytes, 1));
    absl::StrAppendFormat(
        &svg_,
        "<g><title>%s\n%d bytes (%.2f%%), %d allocations</title><rect x=\"%.1f\" y=\"%.1f\" "
        "width=\"%.1f\" height=\"%.1f\" rx=\"2\" fill=\"%s\"/><text x=\"%.1f\" y=\"%.1f\">%s</text>"
        "</g>\n",
        Escaped(name), node.bytes, share, node.allocations, place.left, place.top, place.width,
        kRow - 1, ColourOf(name), place.left + 3, place.top + 13,
        Escaped(LabelOf(name, place.width)));
  }

  const Node& root_;
  std::string svg_;
};

}  // namespace

std::string ToFlameGraph(const AllocationReport& report, std::string_view title) {
  const Node root = TreeOf(report);
  const double height = kHeader + DepthOf(root) * kRow + kMargin;
  Drawing drawing(root);
  drawing.Draw("all", root, kMargin, 0);
  return absl::StrCat(
      absl::StrFormat("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                      "viewBox=\"0 0 %.0f %.0f\" font-family=\"monospace\" font-size=\"11\">\n",
                      kWidth, height, kWidth, height),
      "<style>rect:hover{stroke:#000;stroke-width:1.5}text{pointer-events:none}</style>\n",
      "<rect width=\"100%\" height=\"100%\" fill=\"#fffdf8\" pointer-events=\"none\"/>\n",
      absl::StrFormat("<text x=\"%.0f\" y=\"24\" font-size=\"16\">%s</text>\n", kMargin,
                      Escaped(std::string(title))),
      absl::StrFormat("<text x=\"%.0f\" y=\"44\" fill=\"#555\">%d bytes in %d allocations; width: "
                      "bytes allocated; callers on top</text>\n",
                      kMargin, root.bytes, root.allocations),
      drawing.svg(), "</svg>\n");
}

}  // namespace blixard::memory
