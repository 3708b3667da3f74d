// How much to reserve for something of an expected size, so that a little more than expected still
// needs no second allocation.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_HEADROOM_H_
#define BLIXARD_MEMORY_OPTIMIZATION_HEADROOM_H_

#include <cstddef>
#include <cstdint>
#include <optional>

namespace blixard::memory {

inline constexpr size_t kHeadroomPercent = 25;

// `count` and `percent` of it on top, rounded up; nothing when that is beyond what size_t holds.
constexpr std::optional<size_t> TryWithHeadroom(size_t count, size_t percent = kHeadroomPercent) {
  const size_t hundreds = count / 100;
  if (percent != 0 && hundreds > SIZE_MAX / percent) return std::nullopt;
  // The rest is below 100, so its share overflows only with absurd percentages.
  const size_t rest = count % 100;
  if (rest != 0 && percent > (SIZE_MAX - 99) / rest) return std::nullopt;
  const size_t whole_share = hundreds * percent;
  const size_t rest_share = (rest * percent + 99) / 100;
  if (rest_share > SIZE_MAX - whole_share) return std::nullopt;
  if (whole_share + rest_share > SIZE_MAX - count) return std::nullopt;
  return count + whole_share + rest_share;
}

// The same, and SIZE_MAX where it would overflow: never less than `count`, and a size that every
// container refuses rather than a small one that it takes.
constexpr size_t WithHeadroom(size_t count, size_t percent = kHeadroomPercent) {
  return TryWithHeadroom(count, percent).value_or(SIZE_MAX);
}

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_HEADROOM_H_
