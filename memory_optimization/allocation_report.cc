#include "memory_optimization/allocation_report.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "memory_optimization/allocation_sites.h"
#include "memory_optimization/allocation_switch.h"
#include "memory_optimization/allocation_threads.h"

namespace blixard::memory {
namespace {

using internal::Read;

static_assert(kLifetimeClasses == internal::kLifetimes);

void Add(const internal::SiteCounts& counts, AllocationSite& site) {
  site.allocations += Read(counts.allocations);
  site.bytes += Read(counts.bytes);
  site.freed_bytes += Read(counts.freed_bytes);
  for (int i = 0; i < kLifetimeClasses; ++i) {
    site.lifetimes[i] += Read(counts.lifetimes[i]);
    site.frees += Read(counts.lifetimes[i]);
  }
}

// All books added up, twins in the table of sites joined by their frames.
std::vector<AllocationSite> CollectSites(const internal::Sites& table) {
  std::map<std::vector<uintptr_t>, AllocationSite> by_frames;
  std::vector<const internal::SiteBook*> books;
  internal::ForEachRecord([&books](const internal::ThreadRecord& record) {
    const auto* book = record.published_sites.load(std::memory_order_acquire);
    if (book != nullptr) books.push_back(book);
  });
  for (uint32_t i = 0; i < internal::kMaxSites; ++i) {
    std::vector<uintptr_t> frames;
    const bool known = table.Visit(i, [&frames](uintptr_t frame) { frames.push_back(frame); });
    if (!known && i != internal::kNoSite) continue;
    AllocationSite& site = by_frames[frames];
    for (const internal::SiteBook* book : books) Add(book->counts[i], site);
  }
  std::vector<AllocationSite> sites;
  for (auto& [frames, site] : by_frames) {
    site.frames = frames;
    if (site.allocations != 0) sites.push_back(std::move(site));
  }
  return sites;
}

int64_t PendingBytes() {
  int64_t pending = 0;
  internal::ForEachRecord([&pending](const internal::ThreadRecord& record) {
    const auto* book = record.published_sites.load(std::memory_order_acquire);
    if (book != nullptr) pending += book->pending.load(std::memory_order_relaxed);
  });
  return pending;
}

int64_t PeakBytes(int64_t live_bytes) {
  internal::SiteBook* const own = internal::this_thread.record->sites;
  if (own != nullptr) internal::TellPending(*own);
  return std::max(internal::site_totals.peak_bytes.load(std::memory_order_relaxed), live_bytes);
}

}  // namespace

AllocationReport CollectAllocationReport() {
  AllocationReport report;
  report.totals = AllocationTotals();  // before this function allocates
  report.tracking = CurrentAllocationTracking();
  const internal::Sites* const table = internal::site_table.load(std::memory_order_acquire);
  if (table == nullptr) return report;
  report.live_bytes =
      internal::site_totals.live_bytes.load(std::memory_order_relaxed) + PendingBytes();
  report.peak_bytes = PeakBytes(report.live_bytes);
  report.without_site = Read(internal::site_totals.without_site);
  report.without_note = Read(internal::site_totals.without_note);
  report.sites = CollectSites(*table);
  std::sort(report.sites.begin(), report.sites.end(),
            [](const AllocationSite& a, const AllocationSite& b) {
              return std::pair(b.bytes, a.frames) < std::pair(a.bytes, b.frames);
            });
  for (const AllocationSite& site : report.sites) {
    for (int i = 0; i < kLifetimeClasses; ++i) report.lifetimes[i] += site.lifetimes[i];
  }
  return report;
}

}  // namespace blixard::memory
