// One tenant's share of a string pool: what it brings in is charged to its own quota, so that
// nobody fills the memory, or the pool, for the others.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_STRING_NAMESPACE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_STRING_NAMESPACE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/interned_string.h"
#include "memory_optimization/string_table.h"

namespace blixard::memory {

// A view of the pool that made it (StringPool::AddNamespace), which must outlive it; copy freely.
// Handles are the pool's: equal text gives the equal handle whoever interned it. Who brings a text
// in first pays for it, for good; the others find it for nothing. Thread-safe.
class StringNamespace {
 public:
  // As StringPool::Intern. kResourceExhausted names the namespace, the quota and its value; a live
  // string is never evicted.
  [[gnu::always_inline]] absl::StatusOr<InternedString> Intern(absl::string_view text) {
    const internal::InternedText* found = table_->LookupUsual(text);
    if (found != nullptr) [[likely]]
      return InternedString::FromText(found);
    return table_->Intern(text, account_);
  }

  // What is charged to the quota; memory_bytes is the pool's to tell, hence 0.
  StringPoolStats Stats() const { return table_->AccountStats(account_); }

 private:
  friend class StringPool;
  StringNamespace(internal::StringTable* table, uint16_t account)
      : table_(table), account_(account) {}

  internal::StringTable* table_;
  uint16_t account_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_STRING_NAMESPACE_H_
