#include "memory_optimization/epoch_string_pool.h"

#include <new>

namespace blixard::memory {
namespace {

using internal::InternedText;
using internal::StringTable;

// Stands right in front of the InternedText.
struct ErasableText {
  EpochRetired retired{};
  StringTable* table = nullptr;

  static ErasableText* Of(const InternedText* text) {
    return reinterpret_cast<ErasableText*>(const_cast<InternedText*>(text)) - 1;
  }
  const InternedText* text() const { return reinterpret_cast<const InternedText*>(this + 1); }
};
static_assert(sizeof(ErasableText) % alignof(InternedText) == 0);

}  // namespace

EpochStringPool::EpochStringPool(const StringPoolOptions& options)
    : table_(options, {.prefix_bytes = sizeof(ErasableText), .is_given_back = true}) {}

std::optional<InternedString> EpochStringPool::Find(absl::string_view text,
                                                    const EpochGuard& /*guard*/) const {
  if (text.empty()) return InternedString();
  const InternedText* found = table_.Lookup(text);
  if (found == nullptr) return std::nullopt;
  return InternedString::FromText(found);
}

absl::StatusOr<InternedString> EpochStringPool::Intern(absl::string_view text,
                                                       const EpochGuard& guard) {
  if (const std::optional<InternedString> found = Find(text, guard)) return *found;
  absl::StatusOr<InternedString> inserted = InternNew(text);
  if (inserted.ok() || domain_.waiting() == 0) return inserted;
  // Erased texts are still charged: make what room the open guards allow and try once more.
  for (int epoch = 0; epoch < 2; ++epoch) domain_.Collect();
  return InternNew(text);
}

absl::StatusOr<InternedString> EpochStringPool::InternNew(absl::string_view text) {
  StringTable* const table = &table_;
  const absl::StatusOr<const InternedText*> inserted = table_.Insert(
      text, StringTable::kWholePool, {.prepares = [table](const InternedText* placed) {
        new (ErasableText::Of(placed)) ErasableText{.retired = {.release = Free}, .table = table};
      }});
  if (!inserted.ok()) return inserted.status();
  return InternedString::FromText(*inserted);
}

bool EpochStringPool::Erase(absl::string_view text) {
  const InternedText* erased = table_.TakeOut(text);
  if (erased == nullptr) return false;
  domain_.Retire(&ErasableText::Of(erased)->retired);
  return true;
}

void EpochStringPool::Free(EpochRetired* retired) {
  ErasableText* erased = reinterpret_cast<ErasableText*>(retired);
  erased->table->Free(erased->text());
}

}  // namespace blixard::memory
