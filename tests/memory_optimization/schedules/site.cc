#include "tests/memory_optimization/schedules/site.h"

#include <array>

namespace blixard::memory::schedules {
namespace {

// Without the template arguments that GCC adds.
std::string_view FunctionName(std::string_view function) {
  return function.substr(0, function.find('<'));
}

std::string_view FileName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

}  // namespace

std::string_view Name(Operation operation) {
  static constexpr std::array<std::string_view, 18> kNames = {
      "load", "store",  "exchange", "compare-exchange", "add",     "and",  "or",     "xor",
      "wait", "notify", "fence",    "compiler-fence",   "barrier", "lock", "unlock", "yield",
      "read", "write"};
  return kNames[static_cast<size_t>(operation)];
}

std::string_view Name(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed:
      return "relaxed";
    case std::memory_order_consume:
      return "consume";
    case std::memory_order_acquire:
      return "acquire";
    case std::memory_order_release:
      return "release";
    case std::memory_order_acq_rel:
      return "acq_rel";
    default:
      return "seq_cst";
  }
}

std::string ToString(const Site& site) {
  std::string text(FileName(site.where.file));
  text += ':' + std::to_string(site.where.line) + ' ';
  text += Name(site.operation);
  text += ' ';
  text += Name(site.order);
  text += " in ";
  text += FunctionName(site.where.function);
  return text;
}

std::string ToString(const Plant& plant) {
  const std::string at = " at " + ToString(plant.site);
  switch (plant.kind) {
    case Plant::Kind::kRelax:
      return "relaxed" + at;
    case Plant::Kind::kSkip:
      return "skipped" + at;
    case Plant::Kind::kTear:
      return "torn" + at;
    case Plant::Kind::kReturn:
      return "always " + std::to_string(plant.value) + at;
    default:
      return "writes " + std::to_string(plant.value) + at;
  }
}

std::optional<Site> FindSite(const std::vector<Site>& sites, std::string_view function,
                             Operation operation, size_t nth) {
  for (const Site& site : sites) {
    if (site.operation != operation || FunctionName(site.where.function) != function) continue;
    if (nth-- == 0) return site;
  }
  return std::nullopt;
}

}  // namespace blixard::memory::schedules
