// Formatting without temporaries: text goes straight into the pooled block of a BytesMut.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_BYTES_FORMAT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_BYTES_FORMAT_H_

#include <fmt/format.h>

#include <initializer_list>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/bytes_mut.h"

namespace blixard::memory {

// Appends as fmt::format_to does: FormatTo(line, "{} of {}\n", done, all). The text is formatted
// once when there is room for it, twice when not. Errors as BytesMut::Reserve, and `out` is as it
// was.
template <class... Args>
absl::Status FormatTo(BytesMut& out, fmt::format_string<Args...> format, const Args&... args) {
  const auto format_into_spare = [&] {
    return fmt::vformat_to_n(out.spare().data(), out.spare().size(), format,
                             fmt::make_format_args(args...))
        .size;
  };
  size_t size = format_into_spare();
  if (size > out.spare().size()) {
    if (absl::Status status = out.Reserve(size); !status.ok()) return status;
    size = format_into_spare();
  }
  out.Commit(size);
  return absl::OkStatus();
}

// Appends as absl::StrAppend does: AppendPieces(line, {"node-", 17, " is full"}). None of the
// pieces may be a part of `out`. Errors as BytesMut::Reserve, and `out` is as it was.
inline absl::Status AppendPieces(BytesMut& out, std::initializer_list<absl::AlphaNum> pieces) {
  size_t size = 0;
  for (const absl::AlphaNum& piece : pieces) size += piece.size();
  if (absl::Status status = out.Reserve(size); !status.ok()) return status;
  for (const absl::AlphaNum& piece : pieces) {
    if (absl::Status status = out.Append(piece.Piece()); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_BYTES_FORMAT_H_
