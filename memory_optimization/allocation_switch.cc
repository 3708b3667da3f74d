#include "memory_optimization/allocation_switch.h"

#include <atomic>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "memory_optimization/allocation_entries.h"
#include "memory_optimization/allocation_sites.h"

namespace blixard::memory {
namespace {

constinit std::mutex switching;
constinit std::atomic<AllocationTracking> current = AllocationTracking::kCounts;

absl::Status Check(const SiteOptions& options) {
  if (options.mean_sample_bytes < 1 || options.mean_sample_bytes > kMaxMeanSampleBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "mean_sample_bytes: want 1 to ", kMaxMeanSampleBytes, ", got ", options.mean_sample_bytes));
  }
  if (options.max_frames < 0 || options.max_frames > kMaxSiteFrames) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_frames: want 0 to ", kMaxSiteFrames, ", got ", options.max_frames));
  }
  return absl::OkStatus();
}

int FramesFor(AllocationTracking tracking, const SiteOptions& options) {
  if (options.max_frames != 0) return options.max_frames;
  return tracking == AllocationTracking::kAllSites ? 5 : kMaxSiteFrames;
}

absl::Status UseOptions(AllocationTracking tracking, const SiteOptions& options) {
  if (absl::Status status = Check(options); !status.ok()) return status;
  if (!internal::PrepareSites()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("allocation sites: want ", sizeof(internal::Sites),
                     " bytes of address space for their table, got none"));
  }
  internal::site_settings.mean_sample_bytes.store(options.mean_sample_bytes,
                                                  std::memory_order_relaxed);
  internal::site_settings.max_frames.store(FramesFor(tracking, options), std::memory_order_relaxed);
  return absl::OkStatus();
}

}  // namespace

absl::Status SetAllocationTracking(AllocationTracking tracking, const SiteOptions& options) {
  if (!AllocationHookLinked()) {
    return absl::FailedPreconditionError(
        "allocation tracking: want a program linked with //memory_optimization:allocation_hook, "
        "got "
        "one without");
  }
  const std::lock_guard lock(switching);
  const bool sites = tracking >= AllocationTracking::kSampledSites;
  if (absl::Status status = sites ? UseOptions(tracking, options) : absl::OkStatus();
      !status.ok()) {
    return status;
  }
  internal::SwitchAllocationEntries(tracking);
  current.store(tracking, std::memory_order_relaxed);
  return absl::OkStatus();
}

AllocationTracking CurrentAllocationTracking() {
  return AllocationHookLinked() ? current.load(std::memory_order_relaxed)
                                : AllocationTracking::kOff;
}

bool AllocationHookLinked() { return &internal::SwitchAllocationEntries != nullptr; }

}  // namespace blixard::memory
