// The writing side of byte_reader.h: numbers and texts appended to a BytesMut.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_BYTES_WRITER_H_
#define BLIXARD_MEMORY_OPTIMIZATION_BYTES_WRITER_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/bytes_mut.h"

namespace blixard::memory {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

// The first append that finds no room is remembered, and nothing is appended after it: a caller
// looks at status() once, at the end. `out` must outlive the writer.
class BytesWriter {
 public:
  explicit BytesWriter(BytesMut& out) : out_(out) {}

  template <std::unsigned_integral Number>
  void Put(Number number) {
    PutView({reinterpret_cast<const char*>(&number), sizeof(number)});
  }

  // One to ten bytes, as ByteReader::GetVarint reads them.
  void PutVarint(uint64_t value) {
    char bytes[10];
    size_t size = 0;
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
    PutView({bytes, size});
  }

  void PutView(absl::string_view content) {
    if (status_.ok()) status_ = out_.Append(content);
  }

  // The length as a varint, then the content.
  void PutSized(absl::string_view content) {
    PutVarint(content.size());
    PutView(content);
  }

  // The error of BytesMut::Append that stopped the writing, if any.
  const absl::Status& status() const { return status_; }

 private:
  BytesMut& out_;
  absl::Status status_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_BYTES_WRITER_H_
