// Interned texts that somebody erases: for texts whose owner knows when they are done with (the
// names of a tenant that left) while readers without locks may still be looking at them.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_EPOCH_STRING_POOL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_EPOCH_STRING_POOL_H_

#include <cstddef>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/epoch_domain.h"
#include "memory_optimization/interned_string.h"
#include "memory_optimization/pool_registry.h"
#include "memory_optimization/string_pool_source.h"
#include "memory_optimization/string_table.h"

namespace blixard::memory {

// Thread-safe. A handle is good while a guard is open that was opened before the handle was
// obtained, and until then no longer than its text is not erased. Interning erased text again gives
// a new handle; two handles of equal text exist only while such a guard still protects the old one.
// Each text takes 24 bytes more than in StringPool.
class EpochStringPool {
 public:
  explicit EpochStringPool(const StringPoolOptions& options = {});
  EpochStringPool(const EpochStringPool&) = delete;
  EpochStringPool& operator=(const EpochStringPool&) = delete;

  // Open one around every use of handles: EpochGuard guard(pool.domain());
  EpochDomain& domain() { return domain_; }

  // As StringPool::Intern and Find, under a guard of domain().
  absl::StatusOr<InternedString> Intern(absl::string_view text, const EpochGuard& guard);
  std::optional<InternedString> Find(absl::string_view text, const EpochGuard& guard) const;

  // Lookups no longer find `text`; its memory is used again when every guard now open is closed.
  // False: it was not there.
  bool Erase(absl::string_view text);

  // Those that are there, and those whose memory is not yet free again.
  StringPoolStats Stats() const { return table_.Stats(); }
  const StringPoolOptions& options() const { return table_.options(); }

 private:
  absl::StatusOr<InternedString> InternNew(absl::string_view text);
  static void Free(EpochRetired* retired);

  internal::StringTable table_;
  EpochDomain domain_;
  internal::StringPoolSource source_{&table_, internal::TextsAre::kIdle};
  PoolRegistration registration_{&source_};
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_EPOCH_STRING_POOL_H_
