// The text of a key inside its cache entry: short ones stand in the entry itself, so that comparing
// one costs no cache line of its own.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_TEXT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_TEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "memory_optimization/text_hash.h"

namespace blixard::memory::internal {

template <class Word>
Word LoadWord(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// Whether the first `Word` and the last one of `size` bytes are the same; they may overlap.
template <class Word>
bool SameEnds(const char* a, const char* b, size_t size) {
  const size_t last = size - sizeof(Word);
  return ((LoadWord<Word>(a) ^ LoadWord<Word>(b)) |
          (LoadWord<Word>(a + last) ^ LoadWord<Word>(b + last))) == 0;
}

// Whether `size` bytes are the same. All inline: a hit without a single call keeps everything in
// registers, which with the call of memcmp itself was a third of its time.
inline bool SameBytes(const char* a, const char* b, size_t size) {
  constexpr size_t kWord = sizeof(uint64_t);
  if (size > 2 * kWord && size <= 4 * kWord) {
    return SameEnds<uint64_t>(a, b, size) && SameEnds<uint64_t>(a + kWord, b + kWord, kWord) &&
           SameEnds<uint64_t>(a + size - 2 * kWord, b + size - 2 * kWord, kWord);
  }
  while (size > 2 * kWord) {
    if (LoadWord<uint64_t>(a) != LoadWord<uint64_t>(b)) return false;
    a += kWord;
    b += kWord;
    size -= kWord;
  }
  if (size >= kWord) return SameEnds<uint64_t>(a, b, size);
  if (size >= sizeof(uint32_t)) return SameEnds<uint32_t>(a, b, size);
  for (size_t at = 0; at < size; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

// Hash of texts under a secret. Short ones are hashed here in a dozen instructions (two 64-bit
// multiplications to 128 bits, folded, as in Wang's wyhash); a call into XXH3 takes as long as all
// the rest of a hit. Immutable.
class KeyTextHash {
 public:
  static constexpr size_t kShortBytes = 32;

  explicit KeyTextHash(std::optional<uint64_t> seed) : long_text_(seed) {
    uint64_t state = 0;
    for (uint64_t& word : secret_) {
      const absl::string_view drawn(reinterpret_cast<const char*>(&state), sizeof(state));
      word = state = long_text_(drawn) | 1;
    }
  }

  [[gnu::always_inline]] uint64_t operator()(absl::string_view text) const {
    const size_t size = text.size();
    const char* data = text.data();
    if (size >= 16 && size <= kShortBytes) [[likely]] {
      return Mix(LoadPair(data), LoadPair(data + size - 16), size);
    }
    return HashOther(text);
  }

 private:
  struct Pair {
    uint64_t low = 0;
    uint64_t high = 0;
  };
  [[gnu::noinline]] uint64_t HashOther(absl::string_view text) const {
    const size_t size = text.size();
    const char* data = text.data();
    if (size > kShortBytes) return long_text_(text);
    if (size < 8) return Mix({LoadFew(data, size), 0}, {}, size);
    return Mix({LoadWord<uint64_t>(data), LoadWord<uint64_t>(data + size - 8)}, {}, size);
  }
  static Pair LoadPair(const char* from) {
    return {LoadWord<uint64_t>(from), LoadWord<uint64_t>(from + 8)};
  }
  // Fewer than 8 bytes, each of them in the result.
  static uint64_t LoadFew(const char* from, size_t size) {
    if (size >= 4) {
      return LoadWord<uint32_t>(from) | uint64_t{LoadWord<uint32_t>(from + size - 4)} << 32;
    }
    uint64_t word = 0;
    for (size_t at = 0; at < size; ++at) word = word << 8 | static_cast<uint8_t>(from[at]);
    return word;
  }
  static uint64_t Fold(uint64_t a, uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  uint64_t Mix(Pair first, Pair last, size_t size) const {
    const uint64_t mixed = Fold(first.low ^ secret_[0], first.high ^ secret_[1]) ^
                           Fold(last.low ^ secret_[2], last.high ^ secret_[3]);
    return Fold(mixed ^ secret_[4], size ^ secret_[5]);
  }

  TextHash long_text_;
  std::array<uint64_t, 6> secret_;
};

// Immutable; movable as long as nobody looks at it.
class EntryText {
 public:
  static constexpr size_t kInlineBytes = 24;

  explicit EntryText(absl::string_view text) : size_(text.size()) {
    if (size_ > kInlineBytes) long_ = std::make_unique<char[]>(size_);
    if (size_ > 0)
      std::memcpy(size_ > kInlineBytes ? long_.get() : short_.data(), text.data(), size_);
  }

  absl::string_view view() const { return {data(), size_}; }
  bool Equals(absl::string_view text) const {
    return text.size() == size_ && SameBytes(data(), text.data(), size_);
  }

 private:
  const char* data() const { return size_ > kInlineBytes ? long_.get() : short_.data(); }

  size_t size_;
  std::unique_ptr<char[]> long_;
  std::array<char, kInlineBytes> short_;
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_TEXT_H_
