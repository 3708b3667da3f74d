// Equality of two texts of the same length without a call of memcmp, which costs more than the
// comparison of a short text.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_TEXT_EQUAL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_TEXT_EQUAL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace blixard::memory::internal {

template <class Word>
inline Word LoadWord(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// The first and the last word of both; they overlap when the text is shorter than two words.
template <class Word>
inline Word EndsDiffer(const char* a, const char* b, size_t bytes) {
  const size_t last = bytes - sizeof(Word);
  return static_cast<Word>((LoadWord<Word>(a) ^ LoadWord<Word>(b)) |
                           (LoadWord<Word>(a + last) ^ LoadWord<Word>(b + last)));
}

// For 17 to 32 bytes.
inline bool EqualUsualLength(const char* a, const char* b, size_t bytes) {
  const size_t last = bytes - 16;
#if defined(__SSE2__)
  const auto load = [](const char* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  };
  const __m128i first_equal = _mm_cmpeq_epi8(load(a), load(b));
  const __m128i last_equal = _mm_cmpeq_epi8(load(a + last), load(b + last));
  return _mm_movemask_epi8(_mm_and_si128(first_equal, last_equal)) == 0xFFFF;
#else
  return (EndsDiffer<uint64_t>(a, b, 16) | EndsDiffer<uint64_t>(a + last, b + last, 16)) == 0;
#endif
}

inline bool EqualBytes(const char* a, const char* b, size_t bytes) {
  if (bytes > 32) return std::memcmp(a, b, bytes) == 0;
  if (bytes > 16) return EqualUsualLength(a, b, bytes);
  if (bytes >= 8) return EndsDiffer<uint64_t>(a, b, bytes) == 0;
  if (bytes >= 4) return EndsDiffer<uint32_t>(a, b, bytes) == 0;
  if (bytes >= 2) return EndsDiffer<uint16_t>(a, b, bytes) == 0;
  return bytes == 0 || *a == *b;
}

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_TEXT_EQUAL_H_
