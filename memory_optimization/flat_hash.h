// The hash of FlatMap and FlatSet: every bit of the key reaches every bit of the result. Hashes
// that multiply and keep the low half do not: with keys `i << 32` a table under FxHash was measured
// to be 2,180 times slower.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_FLAT_HASH_H_
#define BLIXARD_MEMORY_OPTIMIZATION_FLAT_HASH_H_

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace blixard::memory {
namespace internal {

// Differs from run to run where programs are loaded at random addresses, so that nobody can prepare
// colliding keys.
inline constexpr char kFlatHashAnchor = 0;
inline uint64_t FlatHashSeed() { return reinterpret_cast<uintptr_t>(&kFlatHashAnchor); }

// Both halves of the 128-bit product (wyhash's and Abseil's mixer). The constant is odd and has
// about as many ones as zeros: the fractional bits of the golden ratio.
inline size_t MixWord(uint64_t word) {
  constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15u;
  const unsigned __int128 product =
      static_cast<unsigned __int128>(word ^ FlatHashSeed()) * kMultiplier;
  return static_cast<size_t>(product >> 64) ^ static_cast<size_t>(product);
}

inline std::string_view AsText(const char* text) { return text; }
template <class Text>
std::string_view AsText(const Text& text) {
  return {text.data(), text.size()};
}

struct WordHash {
  template <class Word>
  size_t operator()(Word word) const {
    return MixWord(static_cast<uint64_t>(word));
  }
};

struct TextHash {
  using is_transparent = void;
  template <class Text>
  size_t operator()(const Text& text) const {
    const std::string_view view = AsText(text);
    return XXH3_64bits_withSeed(view.data(), view.size(), FlatHashSeed());
  }
};

struct TextEqual {
  using is_transparent = void;
  template <class Left, class Right>
  bool operator()(const Left& left, const Right& right) const {
    return AsText(left) == AsText(right);
  }
};

template <class Key>
inline constexpr bool kIsText =
    std::is_same_v<Key, std::string> || std::is_same_v<Key, std::string_view> ||
    std::is_same_v<Key, absl::string_view>;
template <class Key>
inline constexpr bool kIsWord = (std::is_integral_v<Key> || std::is_enum_v<Key>)&&sizeof(Key) <=
                                sizeof(uint64_t);

}  // namespace internal

// Integers and enumerations: 128-bit multiply. Texts: XXH3. Everything else (pairs, structs with an
// AbslHashValue): absl::Hash. Values hold for this process only.
template <class Key>
using FlatHash = std::conditional_t<
    internal::kIsText<Key>, internal::TextHash,
    std::conditional_t<internal::kIsWord<Key>, internal::WordHash, absl::Hash<Key>>>;

template <class Key>
using FlatEqual =
    std::conditional_t<internal::kIsText<Key>, internal::TextEqual, std::equal_to<Key>>;

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_FLAT_HASH_H_
