// One copy of every text that repeats (tenant, zone, image, label key), named by a handle that
// compares in one instruction.
//
// Three pools differ in how long a text lives. StringPool: as long as the pool; a hit costs a hash,
// a cache line of the table and the text itself. CountedStringPool: as long as somebody holds a
// reference. EpochStringPool: until it is erased and nobody can be looking at it any more.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_STRING_POOL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_STRING_POOL_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "memory_optimization/interned_string.h"
#include "memory_optimization/pool_registry.h"
#include "memory_optimization/string_namespace.h"
#include "memory_optimization/string_pool_source.h"
#include "memory_optimization/string_quota.h"
#include "memory_optimization/string_table.h"

namespace blixard::memory {

// Texts are never evicted: a handle stays valid, and equal text always gives the equal handle. The
// bounds, and the quotas of namespaces, keep untrusted input from filling the memory. Thread-safe;
// a text that is present is found without a lock, an allocation or a write. Copying a new text
// allocates nothing with operator new: texts stand in address space of the pool's own (the system
// gives none, or no memory for it: kResourceExhausted).
//
// Every pool is in PoolRegistry::Global(): its texts count as idle, since nobody gives them back.
class StringPool {
 public:
  static constexpr size_t kMaxTextBytes = internal::StringTable::kMaxTextBytes;

  explicit StringPool(const StringPoolOptions& options = {});
  StringPool(const StringPool&) = delete;
  StringPool& operator=(const StringPool&) = delete;

  // The pool of the process, with default options; never destroyed.
  static StringPool& Default();

  // The handle of `text`, which is copied on its first appearance. Errors: kInvalidArgument when it
  // is longer than kMaxTextBytes; kResourceExhausted when it is new and a bound is reached;
  // kFailedPrecondition when it is new and the pool is frozen. Texts already present are still
  // found then.
  [[gnu::always_inline]] absl::StatusOr<InternedString> Intern(absl::string_view text) {
    const internal::InternedText* found = table_.LookupUsual(text);
    if (found != nullptr) [[likely]]
      return InternedString::FromText(found);
    return InternUnusual(text);
  }

  // The handle of `text` if it was interned; never inserts.
  [[gnu::always_inline]] std::optional<InternedString> Find(absl::string_view text) const {
    const internal::InternedText* found = table_.LookupUsual(text);
    if (found != nullptr) [[likely]]
      return InternedString::FromText(found);
    return FindUnusual(text);
  }

  // Half the size of a handle, and back. CHECKs that the handle, and the id, are this pool's as far
  // as that can be seen.
  InternedId IdOf(InternedString handle) const {
    return handle.empty() ? InternedId{} : table_.IdOf(handle.text());
  }
  InternedString Resolve(InternedId id) const {
    return id == InternedId{} ? InternedString() : InternedString::FromText(table_.TextOf(id));
  }

  // From now on Intern and Find answer the texts of these compile-time constants with the constants
  // themselves; adopting again changes nothing. Errors: kAlreadyExists when another handle was
  // given for the text before (the constants that precede it stay adopted); otherwise as Intern.
  absl::Status Adopt(absl::Span<const InternedString> constants);

  // A share of the pool for one tenant, with a quota of its own within the pool's bounds. It
  // belongs to the pool. kResourceExhausted: 65,535 are there already.
  absl::StatusOr<StringNamespace> AddNamespace(StringQuota quota);

  // No new text is taken any more; for good. Texts already present are found as before.
  void Freeze() { table_.Freeze(); }
  bool is_frozen() const { return table_.is_frozen(); }

  const StringPoolOptions& options() const { return table_.options(); }
  StringPoolStats Stats() const { return table_.Stats(); }
  StringProbe Probe(absl::string_view text) const { return table_.Probe(text); }

 private:
  // Texts of other lengths, new ones, compile-time constants, crowded buckets.
  absl::StatusOr<InternedString> InternUnusual(absl::string_view text);
  std::optional<InternedString> FindUnusual(absl::string_view text) const;

  internal::StringTable table_;
  internal::StringPoolSource source_{&table_, internal::TextsAre::kIdle};
  PoolRegistration registration_{&source_};
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_STRING_POOL_H_
