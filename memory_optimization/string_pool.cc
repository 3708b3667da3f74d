#include "memory_optimization/string_pool.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#define XXH_INLINE_ALL  // the hash of a short text costs less than a call
#include <xxhash.h>

namespace blixard::memory {
namespace {

using internal::InternedText;

// A slot holds a reference to a text in its low bits and the top bits of the text's hash above; 0
// is a free slot. Few texts with another hash are touched thanks to the latter.
constexpr int kReferenceBits = 26;
constexpr uint32_t kReferenceMask = (uint32_t{1} << kReferenceBits) - 1;

// References count units, because every text starts at a multiple of one.
constexpr size_t kUnitBytes = 8;
constexpr size_t kMaxBytes = (size_t{1} << kReferenceBits) * kUnitBytes;
constexpr size_t kChunkBytes = size_t{64} << 10;
static_assert(sizeof(InternedText) + StringPool::kMaxTextBytes + 1 <= kChunkBytes);

constexpr size_t kMinSlots = 1024;

uint32_t ComputeHash(absl::string_view text) {
  return static_cast<uint32_t>(XXH3_64bits(text.data(), text.size()));
}

// Seven eighths full at most: probes stay short, and memory is not spent on free slots.
constexpr size_t MaxStrings(size_t slots) { return slots / 8 * 7; }

size_t SlotsFor(size_t strings) {
  size_t slots = kMinSlots;
  while (MaxStrings(slots) < strings) slots *= 2;
  return slots;
}

StringPoolOptions Checked(StringPoolOptions options) {
  CHECK_GE(options.max_strings, 1u) << "string pool \"" << options.name << "\": max_strings";
  CHECK_LE(options.max_strings, kMaxBytes / kUnitBytes)
      << "string pool \"" << options.name << "\": max_strings";
  CHECK_GE(options.max_bytes, kUnitBytes) << "string pool \"" << options.name << "\": max_bytes";
  CHECK_LE(options.max_bytes, kMaxBytes) << "string pool \"" << options.name << "\": max_bytes";
  options.initial_strings = std::min(options.initial_strings, options.max_strings);
  return options;
}

}  // namespace

// Open addressing, linear probing. The slots follow the header in the same allocation.
struct StringPool::Table {
  size_t mask;

  std::atomic<uint32_t>* slots() { return reinterpret_cast<std::atomic<uint32_t>*>(this + 1); }
  const std::atomic<uint32_t>* slots() const {
    return reinterpret_cast<const std::atomic<uint32_t>*>(this + 1);
  }
  size_t size() const { return mask + 1; }
  size_t bytes() const { return sizeof(Table) + size() * sizeof(std::atomic<uint32_t>); }

  // Publishes the text a slot refers to: what was written to it before is seen by who finds the
  // slot.
  void Insert(uint32_t hash, uint32_t reference) {
    size_t i = hash & mask;
    while (slots()[i].load(std::memory_order_relaxed) != 0) i = (i + 1) & mask;
    slots()[i].store((hash & ~kReferenceMask) | reference, std::memory_order_release);
  }
};

void StringPool::TableDeleter::operator()(Table* table) const { ::operator delete(table); }

StringPool::TablePtr StringPool::MakeTable(size_t slots) {
  Table shape{.mask = slots - 1};
  TablePtr table(new (::operator new(shape.bytes())) Table(shape));
  std::uninitialized_value_construct_n(table->slots(), slots);
  return table;
}

// The first unit stays free: reference 0 means a free slot.
StringPool::StringPool(StringPoolOptions options)
    : options_(Checked(std::move(options))),
      chunks_((options_.max_bytes + kChunkBytes - 1) / kChunkBytes + 1),
      next_byte_(kUnitBytes) {
  tables_.push_back(MakeTable(SlotsFor(options_.initial_strings)));
  table_.store(tables_.back().get(), std::memory_order_release);
}

StringPool::~StringPool() = default;

StringPool& StringPool::Default() {
  static StringPool& pool = *new StringPool;
  return pool;
}

absl::StatusOr<InternedString> StringPool::Intern(absl::string_view text) {
  if (text.empty()) return InternedString();
  const uint32_t hash = ComputeHash(text);
  if (const InternedText* found = Lookup(text, hash); found != nullptr) [[likely]] {
    return InternedString(found);
  }
  return Insert(text, hash);
}

std::optional<InternedString> StringPool::Find(absl::string_view text) const {
  if (text.empty()) return InternedString();
  const InternedText* found = Lookup(text, ComputeHash(text));
  if (found == nullptr) return std::nullopt;
  return InternedString(found);
}

StringPoolStats StringPool::Stats() const {
  const std::lock_guard lock(mutex_);
  StringPoolStats stats{
      .strings = strings_, .text_bytes = next_byte_ - kUnitBytes, .refused = refused_};
  stats.memory_bytes = chunks_.capacity() * sizeof(chunks_[0]);
  for (const TablePtr& table : tables_) stats.memory_bytes += table->bytes();
  for (const std::unique_ptr<char[]>& chunk : chunks_) {
    if (chunk != nullptr) stats.memory_bytes += kChunkBytes;
  }
  return stats;
}

const InternedText* StringPool::At(uint32_t reference) const {
  const size_t byte = size_t{reference} * kUnitBytes;
  return reinterpret_cast<const InternedText*>(chunks_[byte / kChunkBytes].get() +
                                               byte % kChunkBytes);
}

const InternedText* StringPool::Lookup(absl::string_view text, uint32_t hash) const {
  const Table& table = *table_.load(std::memory_order_acquire);
  for (size_t i = hash & table.mask;; i = (i + 1) & table.mask) {
    const uint32_t slot = table.slots()[i].load(std::memory_order_acquire);
    if (slot == 0) return nullptr;
    if (((slot ^ hash) & ~kReferenceMask) != 0) continue;
    const InternedText* candidate = At(slot & kReferenceMask);
    if (candidate->hash == hash && candidate->length == text.size() &&
        std::memcmp(candidate->characters(), text.data(), text.size()) == 0) {
      return candidate;
    }
  }
}

absl::StatusOr<InternedString> StringPool::Insert(absl::string_view text, uint32_t hash) {
  if (text.size() > kMaxTextBytes) {
    return absl::InvalidArgumentError(absl::StrCat("text: want <= ", kMaxTextBytes,
                                                   " bytes (string pool ", options_.name, "), got ",
                                                   text.size()));
  }
  const std::lock_guard lock(mutex_);
  // Somebody else may have been first.
  if (const InternedText* found = Lookup(text, hash); found != nullptr) {
    return InternedString(found);
  }
  const absl::StatusOr<uint32_t> reference = Place(text, hash);
  if (!reference.ok()) {
    ++refused_;
    return reference.status();
  }
  if (strings_ > MaxStrings(tables_.back()->size())) GrowTable();
  tables_.back()->Insert(hash, *reference);
  return InternedString(At(*reference));
}

// Copies `text` behind the last one and returns the reference to it.
absl::StatusOr<uint32_t> StringPool::Place(absl::string_view text, uint32_t hash) {
  if (strings_ == options_.max_strings) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "string pool ", options_.name, ": max_strings ", options_.max_strings, " reached"));
  }
  const size_t bytes =
      (sizeof(InternedText) + text.size() + 1 + kUnitBytes - 1) / kUnitBytes * kUnitBytes;
  uint64_t start = next_byte_;
  if (start % kChunkBytes + bytes > kChunkBytes) {
    start = (start / kChunkBytes + 1) * kChunkBytes;  // texts do not straddle chunks
  }
  if (start + bytes > options_.max_bytes + kUnitBytes) {
    return absl::ResourceExhaustedError(absl::StrCat("string pool ", options_.name, ": max_bytes ",
                                                     options_.max_bytes, " reached, in use ",
                                                     next_byte_ - kUnitBytes, ", wanted ", bytes));
  }
  std::unique_ptr<char[]>& chunk = chunks_[start / kChunkBytes];
  if (chunk == nullptr) chunk = std::make_unique_for_overwrite<char[]>(kChunkBytes);
  char* place = chunk.get() + start % kChunkBytes;
  new (place)
      InternedText{.hash = hash, .length = static_cast<uint32_t>(text.size()), .id = ++strings_};
  std::memcpy(place + sizeof(InternedText), text.data(), text.size());
  place[sizeof(InternedText) + text.size()] = '\0';
  next_byte_ = start + bytes;
  return static_cast<uint32_t>(start / kUnitBytes);
}

// Readers go on in the old table until they see the new one; a text interned meanwhile is not yet
// anybody's to find.
void StringPool::GrowTable() {
  const Table& old_table = *tables_.back();
  TablePtr bigger = MakeTable(2 * old_table.size());
  for (size_t i = 0; i < old_table.size(); ++i) {
    const uint32_t slot = old_table.slots()[i].load(std::memory_order_relaxed);
    if (slot == 0) continue;
    const uint32_t reference = slot & kReferenceMask;
    bigger->Insert(At(reference)->hash, reference);
  }
  tables_.push_back(std::move(bigger));
  table_.store(tables_.back().get(), std::memory_order_release);
}

}  // namespace blixard::memory
