#include "scheduler/traces/trace.h"

#include <array>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace blixard::scheduler::traces {
namespace {

struct NamedFormat {
  TraceFormat format;
  absl::string_view name;
};
constexpr std::array<NamedFormat, 3> kFormats = {{
    {TraceFormat::kAzurePacking, "azure-packing"},
    {TraceFormat::kOpenb, "openb"},
    {TraceFormat::kHuaweiTopology, "huawei-topology"},
}};

std::string FormatNames() {
  std::string names;
  for (const NamedFormat& known : kFormats) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", known.name);
  }
  return names;
}

}  // namespace

absl::string_view TraceFormatName(TraceFormat format) {
  for (const NamedFormat& known : kFormats) {
    if (known.format == format) return known.name;
  }
  return "unknown";
}

absl::StatusOr<TraceFormat> ParseTraceFormat(absl::string_view name) {
  for (const NamedFormat& known : kFormats) {
    if (known.name == name) return known.format;
  }
  return absl::InvalidArgumentError(absl::StrCat("trace format: want one of ", FormatNames(),
                                                 ", got \"", absl::CHexEscape(name.substr(0, 64)),
                                                 "\""));
}

}  // namespace blixard::scheduler::traces
