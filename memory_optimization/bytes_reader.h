// A ByteReader that hands out parts of a received message as Bytes of their own.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_BYTES_READER_H_
#define BLIXARD_MEMORY_OPTIMIZATION_BYTES_READER_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "memory_optimization/byte_reader.h"
#include "memory_optimization/bytes.h"

namespace blixard::memory {

// Keeps the message alive as long as it lives itself; what GetBytes gave lives on by its own share.
// A view is cheaper (no count is touched): take Bytes only of what must outlive the message.
class BytesReader : public ByteReader {
 public:
  explicit BytesReader(Bytes message) : ByteReader(message.view()), message_(std::move(message)) {}

  // The next `size` bytes, sharing the message's block: small parts of large messages that are kept
  // for long should be compacted (Bytes::Compact).
  Bytes GetBytes(size_t size, const char* field) { return SliceOf(GetView(size, field)); }

  // A varint that says how many bytes follow, at most `limit`, and those bytes.
  Bytes GetSizedBytes(uint64_t limit, const char* field) { return SliceOf(GetSized(limit, field)); }

 private:
  Bytes SliceOf(absl::string_view view) const {
    if (view.empty()) return {};
    return message_.Slice(static_cast<size_t>(view.data() - message_.data()), view.size());
  }

  const Bytes message_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_BYTES_READER_H_
