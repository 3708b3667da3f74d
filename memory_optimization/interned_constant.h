// Texts known when the program is compiled, as handles that are valid before main and need no pool:
//
//   inline constexpr InternedString kRunning = kInterned<"running">;
//
// A pool that was told of them (StringPool::Adopt) answers Intern("running") with this very handle,
// so code compares with `status == kRunning` in one instruction. Equal text gives the equal
// constant in every translation unit.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_INTERNED_CONSTANT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_INTERNED_CONSTANT_H_

#include <cstddef>
#include <cstdint>

#include "memory_optimization/interned_string.h"

namespace blixard::memory {
namespace internal {

// A string literal as a template argument.
template <size_t kBytes>
struct Literal {
  consteval Literal(const char (&text)[kBytes]) {  // NOLINT: kInterned<"text"> is the point
    for (size_t i = 0; i < kBytes; ++i) characters[i] = text[i];
  }
  char characters[kBytes] = {};
};

// FNV-1a: spreads handles; what a table needs it computes itself, with its own secret.
template <size_t kBytes>
consteval uint32_t ConstantHash(const Literal<kBytes>& literal) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i + 1 < kBytes; ++i) {
    hash = (hash ^ static_cast<unsigned char>(literal.characters[i])) * 16777619u;
  }
  return hash;
}

// Laid out as the pools lay out theirs: the characters follow the header.
template <Literal kLiteral>
struct ConstantText {
  static constexpr size_t kLength = sizeof(kLiteral.characters) - 1;
  static_assert(kLength > 0, "the empty text is InternedString()");
  static_assert(kLength < InternedText::kElsewhere, "too long to be interned");

  InternedText header{.hash = ConstantHash(kLiteral), .length = kLength, .account = 0};
  Literal<kLength + 1> literal = kLiteral;
};

template <Literal kLiteral>
inline constexpr ConstantText<kLiteral> kConstantText{};

}  // namespace internal

template <internal::Literal kLiteral>
inline constexpr InternedString kInterned =
    InternedString::FromText(&internal::kConstantText<kLiteral>.header);

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_INTERNED_CONSTANT_H_
