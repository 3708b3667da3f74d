#include "scheduler/traces/uniform_nodes.h"

#include <glog/logging.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace blixard::scheduler::traces {
namespace {

constexpr uint32_t kMilliPerVcpu = 1000;
constexpr uint32_t kMibPerGib = 1024;

struct Part {
  absl::string_view name;
  absl::string_view text;
  uint32_t most;
};

absl::StatusOr<uint32_t> ParsePart(const Part& part) {
  uint32_t value = 0;
  if (absl::SimpleAtoi(part.text, &value) && value >= 1 && value <= part.most) return value;
  return absl::InvalidArgumentError(
      absl::StrCat("nodes: ", part.name, ": want a whole number from 1 to ", part.most, ", got \"",
                   absl::CHexEscape(part.text.substr(0, 64)), "\""));
}

}  // namespace

std::vector<NodeSpec> UniformNodes(size_t count, const Resources& capacity) {
  CHECK_GE(count, 1u);
  CHECK_LE(count, kMaxUniformNodes);
  std::vector<NodeSpec> nodes;
  nodes.reserve(count);
  const int digits = std::max<int>(5, static_cast<int>(absl::StrCat(count).size()));
  for (size_t i = 1; i <= count; ++i) {
    nodes.push_back({absl::StrFormat("node-%0*d", digits, i), capacity});
  }
  return nodes;
}

absl::StatusOr<std::vector<NodeSpec>> ParseUniformNodes(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  if (parts.size() != 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("nodes: want N:VCPU:MEMORY_GIB, for example 1460:48:768, got \"",
                     absl::CHexEscape(text.substr(0, 64)), "\""));
  }
  const auto count = ParsePart({"N", parts[0], kMaxUniformNodes});
  if (!count.ok()) return count.status();
  const auto vcpus = ParsePart({"VCPU", parts[1], kMaxAmount / kMilliPerVcpu});
  if (!vcpus.ok()) return vcpus.status();
  const auto memory_gib = ParsePart({"MEMORY_GIB", parts[2], kMaxAmount / kMibPerGib});
  if (!memory_gib.ok()) return memory_gib.status();
  return UniformNodes(
      *count, {.vcpu_milli = *vcpus * kMilliPerVcpu, .memory_mib = *memory_gib * kMibPerGib});
}

}  // namespace blixard::scheduler::traces
