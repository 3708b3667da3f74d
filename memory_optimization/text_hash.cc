#include "memory_optimization/text_hash.h"

#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <random>

namespace blixard::memory {
namespace {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
uint64_t NextWord(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

TextHash::TextHash(std::optional<uint64_t> seed) {
  // Up to 256 bytes come whole or not at all once the kernel's source is ready.
  if (!seed && getrandom(secret_.data(), sizeof(secret_), 0) == sizeof(secret_)) return;
  uint64_t state = seed ? *seed : std::random_device()();
  for (uint64_t& word : secret_) word = NextWord(state);
}

uint64_t TextHash::operator()(absl::string_view text) const {
  if (IsUsualLength(text.size())) return OfUsualLength(text);
  return XXH3_64bits_withSecret(text.data(), text.size(), secret_.data(), sizeof(secret_));
}

}  // namespace blixard::memory
