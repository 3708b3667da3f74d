#include "memory_optimization/pool_checks.h"

#include <glog/logging.h>

#include <array>
#include <atomic>
#include <sstream>

#include "absl/debugging/symbolize.h"

namespace blixard::memory {
namespace {

void AbortOnMisuse(const PoolMisuseReport& report) { LOG(FATAL) << report.ToString(); }

constinit std::atomic<PoolMisuseHandler> misuse_handler = &AbortOnMisuse;

}  // namespace

std::string_view PoolMisuseName(PoolMisuse misuse) {
  switch (misuse) {
    case PoolMisuse::kDoubleRelease:
      return "double release";
    case PoolMisuse::kReleaseOfDetached:
      return "release of a detached object";
    case PoolMisuse::kUseAfterReturn:
      return "use after return";
    case PoolMisuse::kWriteAfterReturn:
      return "write after return";
    case PoolMisuse::kForeignObject:
      return "attach of a foreign object";
    case PoolMisuse::kNotDetached:
      return "attach of an object that is not detached";
  }
  return "no such misuse";
}

std::string PoolMisuseReport::ToString() const {
  std::ostringstream text;
  text << "object pool \"" << pool << "\": " << PoolMisuseName(misuse) << ", object " << object;
  if (acquired_at.line() != 0) {
    text << ", acquired at " << acquired_at.file_name() << ":" << acquired_at.line();
  }
  if (released_at != nullptr) {
    std::array<char, 256> name;
    text << ", released at " << released_at;
    if (absl::Symbolize(released_at, name.data(), name.size())) text << " (" << name.data() << ")";
  }
  return text.str();
}

PoolMisuseHandler SetPoolMisuseHandler(PoolMisuseHandler handler) {
  return misuse_handler.exchange(handler == nullptr ? &AbortOnMisuse : handler);
}

namespace internal {

void ReportPoolMisuse(const PoolMisuseReport& report) { misuse_handler.load()(report); }

}  // namespace internal
}  // namespace blixard::memory
