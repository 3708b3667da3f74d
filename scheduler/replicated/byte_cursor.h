// Reads and writes little-endian numbers and short texts, one after the other, without allocating.
#ifndef BLIXARD_SCHEDULER_REPLICATED_BYTE_CURSOR_H_
#define BLIXARD_SCHEDULER_REPLICATED_BYTE_CURSOR_H_

#include <glog/logging.h>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace blixard::scheduler {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

// Fills a span from its front. CHECKs that what is written fits: callers know the size beforehand.
class ByteWriter {
 public:
  explicit ByteWriter(absl::Span<char> out) : out_(out) {}

  template <std::unsigned_integral Number>
  void Put(Number number) {
    CHECK_LE(sizeof(number), out_.size() - used_);
    std::memcpy(out_.data() + used_, &number, sizeof(number));
    used_ += sizeof(number);
  }

  // A length of one byte, then the text.
  void PutText(absl::string_view text) {
    CHECK_LE(text.size(), 255u);
    Put(static_cast<uint8_t>(text.size()));
    CHECK_LE(text.size(), out_.size() - used_);
    if (!text.empty()) std::memcpy(out_.data() + used_, text.data(), text.size());
    used_ += text.size();
  }

  size_t used() const { return used_; }
  absl::string_view written() const { return {out_.data(), used_}; }

 private:
  absl::Span<char> out_;
  size_t used_ = 0;
};

// Consumes bytes from the front. A read past the end gives 0 or an empty text, and ok() is false
// from then on: callers look once, after the last field.
class ByteReader {
 public:
  explicit ByteReader(absl::string_view bytes) : rest_(bytes) {}

  template <std::unsigned_integral Number>
  Number Get() {
    Number number = 0;
    const absl::string_view raw = Take(sizeof(number));
    if (ok_) std::memcpy(&number, raw.data(), sizeof(number));
    return number;
  }

  // As PutText wrote it; points into the bytes given.
  absl::string_view GetText() { return Take(Get<uint8_t>()); }

  bool ok() const { return ok_; }
  absl::string_view rest() const { return rest_; }

 private:
  absl::string_view Take(size_t bytes) {
    ok_ = ok_ && bytes <= rest_.size();
    if (!ok_) return {};
    const absl::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  absl::string_view rest_;
  bool ok_ = true;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_BYTE_CURSOR_H_
