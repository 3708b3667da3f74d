// A text held in place, up to a fixed length: for fields of records that are copied, stored in
// columns or sent through queues, and must never go to the heap.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_INLINE_STRING_H_
#define BLIXARD_MEMORY_OPTIMIZATION_INLINE_STRING_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <type_traits>
#include <utility>

#include "absl/strings/string_view.h"

namespace blixard::memory {

// At most `kCapacity` bytes of any value, in kCapacity + 2 bytes, the length and a NUL included;
// above 255 in one or two more.
// Trivially copyable; bytes beyond the text are zero, so equal texts are equal as bytes. Ordered as
// absl::string_view is.
template <size_t kCapacity>
class InlineString {
 public:
  static_assert(kCapacity > 0 && kCapacity <= UINT16_MAX);

  constexpr InlineString() = default;

  // False, with nothing changed: `text` is longer than kCapacity. It may be part of this very one.
  [[nodiscard]] constexpr bool TryAssign(absl::string_view text) {
    if (text.size() > kCapacity) return false;
    // Forward is right: a part of this text starts at or behind its beginning.
    for (size_t i = 0; i < text.size(); ++i) characters_[i] = text[i];
    std::fill(characters_.begin() + static_cast<ptrdiff_t>(text.size()), characters_.end(), '\0');
    size_ = static_cast<Size>(text.size());
    return true;
  }

  constexpr absl::string_view view() const { return {characters_.data(), size_}; }
  constexpr operator absl::string_view() const { return view(); }  // NOLINT: it is one
  // Ends in NUL; a text that holds NULs of its own looks shorter here.
  constexpr const char* c_str() const { return characters_.data(); }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  static constexpr size_t capacity() { return kCapacity; }
  constexpr void clear() { *this = InlineString(); }

  friend constexpr bool operator==(const InlineString& a, const InlineString& b) {
    return a.view() == b.view();
  }
  friend constexpr std::strong_ordering operator<=>(const InlineString& a, const InlineString& b) {
    return a.view().compare(b.view()) <=> 0;
  }
  friend constexpr bool operator==(const InlineString& a, absl::string_view b) {
    return a.view() == b;
  }

  // As the text's own, so that tables keyed by these can be asked with a string_view.
  template <class H>
  friend H AbslHashValue(H state, const InlineString& text) {
    return H::combine(std::move(state), text.view());
  }
  friend std::ostream& operator<<(std::ostream& out, const InlineString& text) {
    return out << text.view();
  }

 private:
  using Size = std::conditional_t<kCapacity <= UINT8_MAX, uint8_t, uint16_t>;

  Size size_ = 0;
  std::array<char, kCapacity + 1> characters_{};
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_INLINE_STRING_H_
