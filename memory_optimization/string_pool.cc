#include "memory_optimization/string_pool.h"

#include <utility>

namespace blixard::memory {

StringPool::StringPool(const StringPoolOptions& options) : table_(options, {}) {}

StringPool& StringPool::Default() {
  static StringPool& pool = *new StringPool;
  return pool;
}

absl::StatusOr<InternedString> StringPool::InternUnusual(absl::string_view text) {
  return table_.Intern(text, internal::StringTable::kWholePool);
}

std::optional<InternedString> StringPool::FindUnusual(absl::string_view text) const {
  if (text.empty()) return InternedString();
  const internal::InternedText* found = table_.Lookup(text);
  if (found == nullptr) return std::nullopt;
  return InternedString::FromText(found);
}

absl::Status StringPool::Adopt(absl::Span<const InternedString> constants) {
  for (const InternedString constant : constants) {
    if (constant.empty()) continue;
    const absl::Status status = table_.Adopt(constant);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<StringNamespace> StringPool::AddNamespace(StringQuota quota) {
  const absl::StatusOr<uint16_t> account = table_.AddAccount(std::move(quota));
  if (!account.ok()) return account.status();
  return StringNamespace(&table_, *account);
}

}  // namespace blixard::memory
