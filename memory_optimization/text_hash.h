// The hash of texts under a secret of one's own: keys chosen to collide under XXH3 as published, or
// under another table's secret, do not collide here (hash flooding).
#ifndef BLIXARD_MEMORY_OPTIMIZATION_TEXT_HASH_H_
#define BLIXARD_MEMORY_OPTIMIZATION_TEXT_HASH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "absl/strings/string_view.h"

namespace blixard::memory {

// Immutable, so thread-safe. Not meant to withstand somebody who knows the secret: keep it in the
// process.
class TextHash {
 public:
  // Without a seed the secret comes from the kernel's random source; a seed makes it reproducible.
  explicit TextHash(std::optional<uint64_t> seed = std::nullopt);

  // XXH3 under the secret, but for the usual lengths.
  uint64_t operator()(absl::string_view text) const;

  // Names of 17 to 32 bytes are hashed in line, with half the instructions of XXH3: NH (Black,
  // Halevi, Krawczyk, Krovetz, Rogaway: UMAC, CRYPTO 1999) over the first and the last 16 bytes,
  // then its two halves folded. Over the secrets, two texts of one length have the same NH with a
  // probability of 2^-64, whatever the texts; the fold keeps what a table needs of it.
  static constexpr bool IsUsualLength(size_t bytes) { return bytes - 17 < 16; }
  uint64_t OfUsualLength(absl::string_view text) const {
    const char* const last = text.data() + text.size() - 16;
    const Wide sum = Product(text.data(), 0) + Product(last, 2);
    return (static_cast<uint64_t>(sum >> 64) ^ static_cast<uint64_t>(sum)) + text.size();
  }

 private:
  __extension__ typedef unsigned __int128 Wide;

  Wide Product(const char* bytes, size_t secret_word) const {
    uint64_t words[2];
    std::memcpy(words, bytes, sizeof(words));
    return Wide{words[0] + secret_[secret_word]} * (words[1] + secret_[secret_word + 1]);
  }

  std::array<uint64_t, 24> secret_;  // XXH3's own default secret is as long
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_TEXT_HASH_H_
