#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/allocation_report.h"
#include "memory_optimization/allocation_symbols.h"

namespace blixard::memory {
namespace {

const char* NameOf(AllocationTracking tracking) {
  switch (tracking) {
    case AllocationTracking::kOff:
      return "off";
    case AllocationTracking::kCounts:
      return "counts";
    case AllocationTracking::kSampledSites:
      return "sampled";
    case AllocationTracking::kAllSites:
      return "all";
  }
  return "unknown";
}

std::string DescribeLifetime(int lifetime) {
  if (lifetime == 0) return "freed at once";
  if (lifetime == kLifetimeClasses - 1) return "freed by another thread";
  const uint64_t least = uint64_t{1} << (2 * (lifetime - 1));
  if (lifetime == kLifetimeClasses - 2) return absl::StrFormat("%d and more", least);
  return absl::StrFormat("%d to %d", least, 4 * least - 1);
}

void AppendLifetimes(const Lifetimes& lifetimes, std::string& text) {
  absl::StrAppend(&text, "lifetime, in allocations of the same thread:\n");
  for (int i = 0; i < kLifetimeClasses; ++i) {
    if (lifetimes[i] == 0) continue;
    absl::StrAppendFormat(&text, "  %-24s %12d\n", DescribeLifetime(i), lifetimes[i]);
  }
}

void AppendSite(const AllocationSite& site, internal::Symbols& symbols, std::string& text) {
  absl::StrAppendFormat(&text, "%12d %14d %10d %14d %11d\n", site.allocations, site.bytes,
                        site.live(), site.live_bytes(), site.temporary());
  for (const uintptr_t frame : site.frames) {
    absl::StrAppend(&text, "        ", symbols.Of(frame), "\n");
  }
  if (site.frames.empty()) absl::StrAppend(&text, "        (call site not known)\n");
}

// The characters that JSON does not take as they are; symbols have no others below a space.
std::string Quoted(absl::string_view text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}), "\"");
}

std::string ListOf(const Lifetimes& lifetimes) {
  std::string list;
  for (const uint64_t count : lifetimes) absl::StrAppend(&list, list.empty() ? "" : ", ", count);
  return absl::StrCat("[", list, "]");
}

std::string JsonOf(const AllocationSite& site, internal::Symbols& symbols) {
  std::string frames;
  for (const uintptr_t frame : site.frames) {
    absl::StrAppend(&frames, frames.empty() ? "" : ", ", "{\"address\": \"0x", absl::Hex(frame),
                    "\", \"symbol\": ", Quoted(symbols.Of(frame)), "}");
  }
  return absl::StrCat("{\"allocations\": ", site.allocations, ", \"bytes\": ", site.bytes,
                      ", \"frees\": ", site.frees, ", \"live\": ", site.live(),
                      ", \"live_bytes\": ", site.live_bytes(),
                      ", \"temporary\": ", site.temporary(),
                      ", \"lifetimes\": ", ListOf(site.lifetimes), ", \"frames\": [", frames, "]}");
}

std::string Objects(int64_t live, int64_t live_bytes, uint64_t allocations, uint64_t bytes) {
  return absl::StrFormat("%6d: %8d [%6d: %8d] @", live, live_bytes, allocations, bytes);
}

}  // namespace

std::string ToText(const AllocationReport& report, size_t max_sites) {
  internal::Symbols symbols;
  std::string text = absl::StrFormat(
      "allocations %d, frees %d, live %d, bytes %d (tracking: %s)\n", report.totals.allocations,
      report.totals.frees, report.totals.live(), report.totals.bytes, NameOf(report.tracking));
  if (report.sites.empty()) return text;
  absl::StrAppendFormat(&text, "live %d bytes, peak %d bytes, %d temporary\n", report.live_bytes,
                        report.peak_bytes, report.lifetimes[0]);
  AppendLifetimes(report.lifetimes, text);
  if (report.without_site + report.without_note != 0) {
    absl::StrAppendFormat(&text, "%d allocations found the table of sites full, %d had no note\n",
                          report.without_site, report.without_note);
  }
  absl::StrAppendFormat(&text, "%12s %14s %10s %14s %11s   of %d call sites\n", "allocations",
                        "bytes", "live", "live bytes", "temporary", report.sites.size());
  size_t shown = 0;
  for (const AllocationSite& site : report.sites) {
    if (max_sites != 0 && ++shown > max_sites) break;
    AppendSite(site, symbols, text);
  }
  return text;
}

std::string ToJson(const AllocationReport& report) {
  internal::Symbols symbols;
  std::string sites;
  for (const AllocationSite& site : report.sites) {
    absl::StrAppend(&sites, sites.empty() ? "\n" : ",\n", "    ", JsonOf(site, symbols));
  }
  return absl::StrCat(
      "{\n  \"tracking\": \"", NameOf(report.tracking),
      "\",\n  \"totals\": {\"allocations\": ", report.totals.allocations,
      ", \"frees\": ", report.totals.frees, ", \"bytes\": ", report.totals.bytes,
      "},\n  \"live_bytes\": ", report.live_bytes, ",\n  \"peak_bytes\": ", report.peak_bytes,
      ",\n  \"lifetimes\": ", ListOf(report.lifetimes),
      ",\n  \"without_site\": ", report.without_site,
      ",\n  \"without_note\": ", report.without_note, ",\n  \"sites\": [", sites, "\n  ]\n}\n");
}

std::string ToFoldedStacks(const AllocationReport& report) {
  internal::Symbols symbols;
  std::map<std::string, uint64_t> bytes;
  for (const AllocationSite& site : report.sites) {
    std::string stack;
    for (auto frame = site.frames.rbegin(); frame != site.frames.rend(); ++frame) {
      // The format's separators.
      absl::StrAppend(&stack, stack.empty() ? "" : ";",
                      absl::StrReplaceAll(symbols.Of(*frame), {{";", ":"}, {"\n", " "}}));
    }
    bytes[stack.empty() ? "(call site not known)" : stack] += site.bytes;
  }
  std::string text;
  for (const auto& [stack, sum] : bytes) absl::StrAppend(&text, stack, " ", sum, "\n");
  return text;
}

std::string ToHeapProfile(const AllocationReport& report) {
  AllocationSite all;
  std::string lines;
  for (const AllocationSite& site : report.sites) {
    all.allocations += site.allocations;
    all.bytes += site.bytes;
    all.frees += site.frees;
    all.freed_bytes += site.freed_bytes;
    absl::StrAppend(&lines, Objects(site.live(), site.live_bytes(), site.allocations, site.bytes));
    for (const uintptr_t frame : site.frames) absl::StrAppend(&lines, " 0x", absl::Hex(frame));
    absl::StrAppend(&lines, "\n");
  }
  std::ostringstream mappings;
  mappings << std::ifstream("/proc/self/maps").rdbuf();
  return absl::StrCat(
      "heap profile: ", Objects(all.live(), all.live_bytes(), all.allocations, all.bytes),
      " heapprofile\n", lines, "\nMAPPED_LIBRARIES:\n", mappings.str());
}

}  // namespace blixard::memory
