// A set of the values of an enum, in as many bits as the largest of them needs.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_FLAGS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_FLAGS_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace blixard::memory {

// An enum whose values count from 0 without holes and end with kCount:
//
//   enum class Need : uint8_t { kGpu, kLocalDisk, kSpread, kCount };
//   Flags<Need> needs = {Need::kGpu};  if (needs.Has(Need::kGpu)) ...
template <class E>
concept FlagEnum = std::is_enum_v<E> && requires {
  E::kCount;
} && static_cast<uint64_t>(E::kCount) >= 1 && static_cast<uint64_t>(E::kCount) <= 64;

// Trivially copyable; one, two, four or eight bytes. A value that is none of the enum's is in no
// set and adds nothing.
template <FlagEnum E>
class Flags {
  static constexpr size_t kFlags = static_cast<size_t>(E::kCount);

 public:
  using Bits =
      std::conditional_t<kFlags <= 8, uint8_t,
                         std::conditional_t<kFlags <= 16, uint16_t,
                                            std::conditional_t<kFlags <= 32, uint32_t, uint64_t>>>;

  constexpr Flags() = default;
  constexpr Flags(std::initializer_list<E> values) {
    for (const E value : values) Add(value);
  }
  static constexpr Flags All() {
    Flags all;
    all.bits_ = kAllBits;
    return all;
  }
  // Bits from elsewhere, a file or a message; those that stand for no value are dropped.
  static constexpr Flags FromBits(uint64_t bits) {
    Flags flags;
    flags.bits_ = static_cast<Bits>(bits & kAllBits);
    return flags;
  }

  constexpr bool Has(E value) const { return (bits_ & BitOf(value)) != 0; }
  constexpr bool HasAll(Flags others) const { return (bits_ & others.bits_) == others.bits_; }
  constexpr bool HasAny(Flags others) const { return (bits_ & others.bits_) != 0; }
  constexpr void Add(E value) { bits_ = static_cast<Bits>(bits_ | BitOf(value)); }
  constexpr void Remove(E value) {
    bits_ = static_cast<Bits>(bits_ & static_cast<Bits>(~BitOf(value)));
  }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr size_t size() const { return static_cast<size_t>(std::popcount(bits_)); }
  constexpr Bits bits() const { return bits_; }

  // Calls `visit(value)` for each, in the order of the enum.
  template <std::invocable<E> Visit>
  constexpr void ForEach(Visit visit) const {
    for (Bits rest = bits_; rest != 0; rest = static_cast<Bits>(rest & (rest - 1))) {
      visit(static_cast<E>(std::countr_zero(rest)));
    }
  }

  friend constexpr Flags operator|(Flags a, Flags b) { return FromBits(a.bits_ | b.bits_); }
  friend constexpr Flags operator&(Flags a, Flags b) { return FromBits(a.bits_ & b.bits_); }
  friend constexpr Flags operator-(Flags a, Flags b) {
    return FromBits(a.bits_ & ~uint64_t{b.bits_});
  }
  friend constexpr bool operator==(Flags, Flags) = default;
  template <class H>
  friend H AbslHashValue(H state, Flags flags) {
    return H::combine(std::move(state), flags.bits_);
  }

 private:
  static constexpr Bits kAllBits = static_cast<Bits>(~uint64_t{0} >> (64 - kFlags));

  static constexpr Bits BitOf(E value) {
    const auto position = static_cast<uint64_t>(value);
    return position < kFlags ? static_cast<Bits>(uint64_t{1} << position) : Bits{0};
  }

  Bits bits_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_FLAGS_H_
