// The handle of a text that a string pool keeps once: equality, hash and length cost one
// instruction each, whatever the length of the text.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_INTERNED_STRING_H_
#define BLIXARD_MEMORY_OPTIMIZATION_INTERNED_STRING_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"

namespace blixard::memory {

namespace internal {

// Stands right in front of the characters, which end in NUL.
struct alignas(8) InternedText {
  // A length no text has: this entry of a table stands for a compile-time constant elsewhere.
  static constexpr uint16_t kElsewhere = 0xFFFF;

  uint32_t hash = 0;
  uint16_t length = 0;   // bytes, without the NUL
  uint16_t account = 0;  // which quota of the pool paid

  const char* characters() const { return reinterpret_cast<const char*>(this + 1); }
  absl::string_view view() const { return absl::string_view(characters(), length); }
};
static_assert(sizeof(InternedText) == 8);

}  // namespace internal

// Names a text in four bytes, half a handle: for tables with very many. Only the pool that gave it
// turns it back (StringPool::Resolve). 0 is the empty text. Process-local like the handle.
enum class InternedId : uint32_t {};

// Names a text of a string pool; how long the text lives is the pool's promise (StringPool: as long
// as itself). As large as a pointer, trivially copyable, free to pass by value and between threads.
// Default-constructed: the empty text, which is the same handle in every pool. Handles of other
// texts compare equal only within one pool. There is no order: handles, ids and hashes differ from
// process to process and must never enter a log or a digest.
class InternedString {
 public:
  constexpr InternedString() = default;

  absl::string_view view() const {
    return text_ == nullptr ? absl::string_view("") : text_->view();
  }
  // Ends in NUL; a text that holds NULs of its own looks shorter here.
  const char* c_str() const { return text_ == nullptr ? "" : text_->characters(); }
  constexpr size_t size() const { return text_ == nullptr ? 0 : text_->length; }
  constexpr bool empty() const { return text_ == nullptr; }
  // Computed once, with the secret of the pool; equal handles have equal hashes. The empty text: 0.
  constexpr uint32_t hash() const { return text_ == nullptr ? 0 : text_->hash; }

  friend constexpr bool operator==(InternedString, InternedString) = default;
  // By identity: even texts chosen to collide spread.
  template <class H>
  friend H AbslHashValue(H state, InternedString string) {
    return H::combine(std::move(state), string.text_);
  }

  // For the pools: how they make handles and find their texts again.
  static constexpr InternedString FromText(const internal::InternedText* text) {
    return InternedString(text);
  }
  constexpr const internal::InternedText* text() const { return text_; }

 private:
  constexpr explicit InternedString(const internal::InternedText* text) : text_(text) {}

  const internal::InternedText* text_ = nullptr;
};
static_assert(sizeof(InternedString) == sizeof(void*));

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_INTERNED_STRING_H_
