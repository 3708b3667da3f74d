// What pools do about misuse: two owners of one object, objects of other pools, writes to objects
// that were given back.
//
// Always on: a guard released twice or detached behind its owner's back, as far as one compare of
// the object's header and one of the magazine's hot slot can tell; every misuse of Attach.
// Complete in *checked builds* (no NDEBUG, or AddressSanitizer, or -DBLIXARD_CHECKED_POOLS=1):
// every guard knows the generation of its object, idle objects are filled with a pattern that is
// verified before they are handed out again, and the report names the call sites that acquired and
// released the object last. In other builds PoolConfig::record_call_sites gives all but the
// generations.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_POOL_CHECKS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_POOL_CHECKS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "memory_optimization/call_site.h"
#include "memory_optimization/sanitizers.h"

#if !defined(BLIXARD_CHECKED_POOLS)
#if !defined(NDEBUG) || defined(BLIXARD_ADDRESS_SANITIZER)
#define BLIXARD_CHECKED_POOLS 1
#else
#define BLIXARD_CHECKED_POOLS 0
#endif
#endif

namespace blixard::memory {

inline constexpr bool kCheckedPools = BLIXARD_CHECKED_POOLS != 0;

enum class PoolMisuse : uint8_t {
  kDoubleRelease,      // released by a guard that does not own it (any more)
  kReleaseOfDetached,  // its owner is whoever has the plain pointer
  kUseAfterReturn,     // a guard that was released is used
  kWriteAfterReturn,   // the bytes of an idle object have changed
  kForeignObject,      // attached to a pool it does not come from
  kNotDetached,        // attached, but idle or under a guard already
};
std::string_view PoolMisuseName(PoolMisuse misuse);

struct PoolMisuseReport {
  PoolMisuse misuse = PoolMisuse::kDoubleRelease;
  std::string_view pool = {};
  const void* object = nullptr;
  // Of a recorded object; else empty.
  CallSite acquired_at = {};
  const void* released_at = nullptr;  // an address in the code that released it

  // object pool "x": double release, object 0x..., acquired at file:line, released at function.
  std::string ToString() const;
};

// Called on every misuse. When it returns, the operation at fault does nothing; an object that was
// written to is handed out as it was when it came back.
using PoolMisuseHandler = void (*)(const PoolMisuseReport& report);

// Thread-safe. Null sets the default again, which aborts with ToString(). Returns the one before.
PoolMisuseHandler SetPoolMisuseHandler(PoolMisuseHandler handler);

namespace internal {

void ReportPoolMisuse(const PoolMisuseReport& report);

}  // namespace internal
}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_POOL_CHECKS_H_
