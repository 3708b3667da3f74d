// Images are loaded once however many ask at the same time, kept, and never evicted while in use.
#include "memory_optimization/arc_cache.h"

#include <glog/logging.h>

#include <string>

#include "memory_optimization/arc_cache_weak.h"

using blixard::memory::ArcCache;
using blixard::memory::Pinned;
using blixard::memory::WeakCache;

int main() {
  int loads = 0;
  const auto load = [&loads] {
    ++loads;
    return std::string("contents of debian-12");
  };
  ArcCache<std::string, std::string> images({.name = "images", .max_entries = 100});
  for (int i = 0; i < 10; ++i) {
    const absl::StatusOr<Pinned<std::string>> image = images.GetOrCreate("debian-12", load);
    CHECK(image.ok()) << image.status();
    CHECK_EQ(**image, "contents of debian-12");
  }
  CHECK_EQ(loads, 1);

  // One object per key while somebody has it, and no longer: nothing is retained.
  WeakCache<std::string, std::string> sessions;
  const auto session = sessions.GetOrCreate("user-1", [] { return std::string("state"); });
  CHECK(session.ok());
  CHECK(sessions.Find("user-1") == *session);
}
