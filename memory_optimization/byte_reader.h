// Decoding without copies: numbers and views out of received bytes, every one checked against what
// is really there. Little-endian, as everything of ours on disk and on the wire.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_BYTE_READER_H_
#define BLIXARD_MEMORY_OPTIMIZATION_BYTE_READER_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace blixard::memory {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

// Consumes bytes from the front. The first read that fails is remembered with the name of its
// field; it and all later ones give 0 or nothing, so a decoder reads all its fields and looks at
// status() once, before it believes any of them. Nothing is allocated unless there is an error to
// tell. Views point into the bytes given. `field` must outlive the reader: a literal.
class ByteReader {
 public:
  explicit ByteReader(absl::string_view bytes)
      : begin_(bytes.data()), next_(begin_), end_(begin_ + bytes.size()) {}

  template <std::unsigned_integral Number>
  Number Get(const char* field) {
    Number number = 0;
    const absl::string_view raw = GetView(sizeof(Number), field);
    if (raw.size() == sizeof(Number)) std::memcpy(&number, raw.data(), sizeof(Number));
    return number;
  }

  // Seven bits a byte, least significant first, at most ten bytes and 64 bits: the encoding of
  // Protocol Buffers.
  uint64_t GetVarint(const char* field) {
    if (next_ != end_ && static_cast<unsigned char>(*next_) < 0x80) [[likely]]
      return static_cast<unsigned char>(*next_++);
    return GetLongVarint(field);
  }

  // A varint that must not pass `limit`: for counts and lengths, before anything is sized by them.
  uint64_t GetVarintAtMost(uint64_t limit, const char* field) {
    const char* start = next_;
    const uint64_t value = GetVarint(field);
    if (value <= limit) [[likely]]
      return value;
    Fail({.kind = Failure::Kind::kAboveLimit, .field = field, .want = limit, .got = value}, start);
    return 0;
  }

  // The next `size` bytes.
  absl::string_view GetView(size_t size, const char* field) {
    if (size > remaining()) [[unlikely]] {
      Fail({.field = field, .want = size, .got = remaining()}, next_);
      return {};
    }
    const absl::string_view view(next_, size);
    next_ += size;
    return view;
  }

  // A varint that says how many bytes follow, at most `limit`, and those bytes.
  absl::string_view GetSized(uint64_t limit, const char* field) {
    return GetView(GetVarintAtMost(limit, field), field);
  }

  bool ok() const { return failure_.field == nullptr; }
  // The first failure, kDataLoss: "name at byte 12: want 8 bytes, got 3".
  absl::Status status() const;
  // status(), or kInvalidArgument when bytes are left over.
  absl::Status Finish() const;

  size_t position() const { return static_cast<size_t>(next_ - begin_); }
  size_t remaining() const { return static_cast<size_t>(end_ - next_); }

 private:
  struct Failure {
    enum class Kind : uint8_t { kShort, kTooLong, kAboveLimit };
    Kind kind = Kind::kShort;
    const char* field = nullptr;
    size_t position = 0;
    uint64_t want = 0;
    uint64_t got = 0;
  };

  void Fail(const Failure& failure, const char* at);
  uint64_t GetLongVarint(const char* field);

  const char* begin_;
  const char* next_;
  const char* end_;
  Failure failure_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_BYTE_READER_H_
