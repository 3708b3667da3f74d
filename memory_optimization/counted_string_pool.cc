#include "memory_optimization/counted_string_pool.h"

#include <glog/logging.h>

#include <new>

namespace blixard::memory {

using internal::CountedText;
using internal::InternedText;
using internal::StringTable;

void CountedString::Drop() {
  CountedText* counted = CountedText::Of(handle_.text());
  if (counted->references.Drop()) counted->pool->Bury(counted);
}

CountedStringPool::CountedStringPool(const StringPoolOptions& options)
    : table_(options, {.prefix_bytes = sizeof(CountedText), .is_given_back = true}) {}

CountedStringPool::~CountedStringPool() {
  for (int epoch = 0; epoch < 3; ++epoch) domain_.Collect();
  CHECK_EQ(Stats().strings, 0u) << "string pool \"" << options().name
                                << "\" destroyed while references are out, for example to \""
                                << table_.AnyText() << "\"";
}

std::optional<CountedString> CountedStringPool::Find(absl::string_view text) {
  if (text.empty()) return CountedString();
  const EpochGuard guard(domain_);
  const InternedText* found = table_.Lookup(text);
  if (found == nullptr || !CountedText::Of(found)->references.TryAdd()) return std::nullopt;
  return CountedString(InternedString::FromText(found));
}

absl::StatusOr<CountedString> CountedStringPool::Intern(absl::string_view text) {
  if (std::optional<CountedString> found = Find(text)) return *std::move(found);
  absl::StatusOr<CountedString> inserted = InternNew(text);
  if (inserted.ok() || domain_.waiting() == 0) return inserted;
  // Dead texts are still charged: make room and try once more.
  for (int epoch = 0; epoch < 2; ++epoch) domain_.Collect();
  return InternNew(text);
}

// A text that died but is not yet taken out gives way to the new one; whoever dropped its last
// reference buries it all the same.
absl::StatusOr<CountedString> CountedStringPool::InternNew(absl::string_view text) {
  const absl::StatusOr<const InternedText*> inserted = table_.Insert(
      text, StringTable::kWholePool,
      {.takes =
           [](const InternedText* found) { return CountedText::Of(found)->references.TryAdd(); },
       .prepares =
           [this](const InternedText* placed) {
             new (CountedText::Of(placed)) CountedText{.retired = {.release = Free}, .pool = this};
           }});
  if (!inserted.ok()) return inserted.status();
  return CountedString(InternedString::FromText(*inserted));
}

void CountedStringPool::Bury(CountedText* dead) {
  table_.TakeOut(dead->text());
  domain_.Retire(&dead->retired);
}

void CountedStringPool::Free(EpochRetired* retired) {
  CountedText* dead = reinterpret_cast<CountedText*>(retired);
  dead->pool->table_.Free(dead->text());
}

}  // namespace blixard::memory
