// What a hooked program does because of its environment. Read once, before main, and never from
// inside the hook; what it says wrong is told on standard error and otherwise ignored, for a
// profiler must not keep a program from running.
//
// BLIXARD_TRACK_ALLOCATION_SITES   off | counts | sampled[:MEAN_BYTES] | all[:FRAMES]
//     what is tracked from the start (allocation_switch.h); without it: counts
// BLIXARD_PRINT_ALLOCATIONS        FORMAT[:PATH][,FORMAT[:PATH]]...
//     reports written when the program ends by exit() or by returning from main, to PATH or to
//     standard error; FORMAT: text, json, folded, pprof, svg (allocation_report.h). %p in PATH: the
//     process id.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/allocation_flame_graph.h"
#include "memory_optimization/allocation_report.h"
#include "memory_optimization/allocation_switch.h"

namespace blixard::memory {
namespace {

constexpr char kSitesVariable[] = "BLIXARD_TRACK_ALLOCATION_SITES";
constexpr char kPrintVariable[] = "BLIXARD_PRINT_ALLOCATIONS";

void Complain(absl::string_view text) {
  const std::string line = absl::StrCat("allocation tracker: ", text, "\n");
  fwrite(line.data(), 1, line.size(), stderr);
}

// "all:8" in two parts.
std::pair<absl::string_view, absl::string_view> SplitAtColon(absl::string_view text) {
  return absl::StrSplit(text, absl::MaxSplits(':', 1));
}

absl::Status Track(absl::string_view setting) {
  const auto [name, number] = SplitAtColon(setting);
  SiteOptions options;
  if (name == "sampled" && !number.empty() &&
      !absl::SimpleAtoi(number, &options.mean_sample_bytes)) {
    return absl::InvalidArgumentError("want a number of bytes after sampled:");
  }
  if (name == "all" && !number.empty() && !absl::SimpleAtoi(number, &options.max_frames)) {
    return absl::InvalidArgumentError("want a number of frames after all:");
  }
  if (name == "off") return SetAllocationTracking(AllocationTracking::kOff);
  if (name == "counts") return SetAllocationTracking(AllocationTracking::kCounts);
  if (name == "sampled") return SetAllocationTracking(AllocationTracking::kSampledSites, options);
  if (name == "all") return SetAllocationTracking(AllocationTracking::kAllSites, options);
  return absl::InvalidArgumentError("want off, counts, sampled or all");
}

std::string ProgramName() {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  const absl::string_view whole(path, length > 0 ? static_cast<size_t>(length) : 0);
  return std::string(whole.substr(whole.rfind('/') + 1));
}

std::string Format(absl::string_view format, const AllocationReport& report) {
  if (format == "text") return ToText(report);
  if (format == "json") return ToJson(report);
  if (format == "folded") return ToFoldedStacks(report);
  if (format == "pprof") return ToHeapProfile(report);
  return ToFlameGraph(report, absl::StrCat("Allocations of ", ProgramName()));
}

bool IsFormat(absl::string_view format) {
  return format == "text" || format == "json" || format == "folded" || format == "pprof" ||
         format == "svg";
}

void Write(const std::string& path, const std::string& text) {
  std::FILE* const file = path.empty() ? stderr : fopen(path.c_str(), "w");
  const bool opened = file != nullptr;
  const bool written = opened && fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = opened && (path.empty() || fclose(file) == 0);
  if (!written || !closed) Complain(absl::StrCat("cannot write ", path));
}

// Kept for ever: the reports are written after the destructors of static objects.
struct Request {
  std::string format;
  std::string path;
};
std::vector<Request>* requests = nullptr;

// Registered before main, so it runs last.
void PrintReports() {
  const AllocationReport report = CollectAllocationReport();
  for (const Request& request : *requests) {
    const std::string path = absl::StrReplaceAll(request.path, {{"%p", absl::StrCat(getpid())}});
    Write(path, Format(request.format, report));
  }
}

void Remember(absl::string_view setting) {
  requests = new std::vector<Request>();
  for (const absl::string_view part : absl::StrSplit(setting, ',')) {
    const auto [format, path] = SplitAtColon(part);
    if (!IsFormat(format)) {
      Complain(absl::StrCat(kPrintVariable, ": want text, json, folded, pprof or svg, got \"",
                            format, "\""));
      continue;
    }
    requests->push_back({std::string(format), std::string(path)});
  }
  if (!requests->empty()) atexit(PrintReports);
}

// After the runtime's own constructors, before those of the program.
[[gnu::constructor(200)]] void ReadEnvironment() {
  const char* const sites = getenv(kSitesVariable);
  const char* const print = getenv(kPrintVariable);
  if (print != nullptr && *print != '\0') Remember(print);
  if (sites == nullptr || *sites == '\0') return;
  const absl::Status status = Track(sites);
  if (!status.ok()) {
    Complain(absl::StrCat(kSitesVariable, ": ", status.message(), ", got \"", sites, "\""));
  }
}

}  // namespace
}  // namespace blixard::memory
