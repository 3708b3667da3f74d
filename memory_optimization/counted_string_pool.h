// Interned texts that live as long as somebody holds a reference: for texts that come and go, such
// as the labels of tenants, in a process that runs for years.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_COUNTED_STRING_POOL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_COUNTED_STRING_POOL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/atomics.h"
#include "memory_optimization/epoch_domain.h"
#include "memory_optimization/interned_string.h"
#include "memory_optimization/live_count.h"
#include "memory_optimization/pool_registry.h"
#include "memory_optimization/string_pool_source.h"
#include "memory_optimization/string_table.h"

namespace blixard::memory {

class CountedStringPool;

namespace internal {

// Stands right in front of the InternedText.
struct CountedText {
  EpochRetired retired{};
  CountedStringPool* pool = nullptr;
  LiveCount<MachineAtomics> references{};

  static CountedText* Of(const InternedText* text) {
    return reinterpret_cast<CountedText*>(const_cast<InternedText*>(text)) - 1;
  }
  const InternedText* text() const { return reinterpret_cast<const InternedText*>(this + 1); }
};
static_assert(sizeof(CountedText) % alignof(InternedText) == 0);

}  // namespace internal

// One reference to a text of a CountedStringPool, which must outlive it. As large as a pointer.
// Thread-safe as a std::shared_ptr is: different objects may be used by different threads.
class CountedString {
 public:
  CountedString() = default;  // the empty text
  CountedString(const CountedString& other) : handle_(other.handle_) {
    if (!handle_.empty()) internal::CountedText::Of(handle_.text())->references.Add();
  }
  CountedString(CountedString&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  CountedString& operator=(CountedString other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~CountedString() {
    if (!handle_.empty()) Drop();
  }

  // The plain handle, for comparing and hashing while this reference is held.
  InternedString handle() const { return handle_; }
  absl::string_view view() const { return handle_.view(); }
  const char* c_str() const { return handle_.c_str(); }
  size_t size() const { return handle_.size(); }
  bool empty() const { return handle_.empty(); }
  uint32_t hash() const { return handle_.hash(); }

  // While both are held: equal texts of one pool have equal handles.
  friend bool operator==(const CountedString& a, const CountedString& b) {
    return a.handle_ == b.handle_;
  }
  template <class H>
  friend H AbslHashValue(H state, const CountedString& string) {
    return H::combine(std::move(state), string.handle_);
  }

 private:
  friend class CountedStringPool;
  explicit CountedString(InternedString handle) : handle_(handle) {}
  void Drop();

  InternedString handle_;
};
static_assert(sizeof(CountedString) == sizeof(void*));

// Thread-safe. A hit takes no lock: an epoch guard and one atomic addition to the text's count.
// When the last reference goes, the text leaves the table at once, and its memory is used again
// when no lookup can still be reading it; equal text interned meanwhile is a new text. Each text
// takes 32 bytes more than in StringPool. Destroyed with references out, it CHECKs, naming one of
// them.
class CountedStringPool {
 public:
  explicit CountedStringPool(const StringPoolOptions& options = {});
  ~CountedStringPool();
  CountedStringPool(const CountedStringPool&) = delete;
  CountedStringPool& operator=(const CountedStringPool&) = delete;

  // A reference to `text`, which is copied if nobody holds it. Errors: as StringPool::Intern.
  absl::StatusOr<CountedString> Intern(absl::string_view text);

  // A reference to `text` if somebody holds it; never inserts.
  std::optional<CountedString> Find(absl::string_view text);

  // Those that are held, and those whose memory is not yet free again.
  StringPoolStats Stats() const { return table_.Stats(); }
  const StringPoolOptions& options() const { return table_.options(); }

 private:
  friend class CountedString;
  absl::StatusOr<CountedString> InternNew(absl::string_view text);
  void Bury(internal::CountedText* dead);
  static void Free(EpochRetired* retired);

  internal::StringTable table_;
  EpochDomain domain_;
  internal::StringPoolSource source_{&table_, internal::TextsAre::kLive};
  PoolRegistration registration_{&source_};
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_COUNTED_STRING_POOL_H_
