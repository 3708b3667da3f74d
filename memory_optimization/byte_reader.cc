#include "memory_optimization/byte_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace blixard::memory {

void ByteReader::Fail(const Failure& failure, const char* at) {
  if (ok()) {
    failure_ = failure;
    failure_.position = static_cast<size_t>(at - begin_);
  }
  next_ = end_;  // nothing can be read any more
}

uint64_t ByteReader::GetLongVarint(const char* field) {
  constexpr size_t kMaxBytes = 10;
  uint64_t value = 0;
  const size_t there = std::min(remaining(), kMaxBytes);
  for (size_t i = 0; i < there; ++i) {
    const auto byte = static_cast<unsigned char>(next_[i]);
    if (i == kMaxBytes - 1 && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      next_ += i + 1;
      return value;
    }
  }
  const bool ends = there < kMaxBytes;
  Fail({.kind = ends ? Failure::Kind::kShort : Failure::Kind::kTooLong,
        .field = field,
        .want = there + 1,
        .got = there},
       next_);
  return 0;
}

absl::Status ByteReader::status() const {
  if (ok()) return absl::OkStatus();
  const auto message = [this](auto... want) {
    return absl::DataLossError(
        absl::StrCat(failure_.field, " at byte ", failure_.position, ": want ", want...));
  };
  switch (failure_.kind) {
    case Failure::Kind::kShort:
      return message(failure_.want, " bytes, got ", failure_.got);
    case Failure::Kind::kTooLong:
      return message("a varint of 64 bits, got a longer one");
    case Failure::Kind::kAboveLimit:
      return message("<= ", failure_.want, ", got ", failure_.got);
  }
  return message("a known kind of failure");
}

absl::Status ByteReader::Finish() const {
  if (!ok() || remaining() == 0) return status();
  return absl::InvalidArgumentError(
      absl::StrCat("end at byte ", position(), ": want no more bytes, got ", remaining()));
}

}  // namespace blixard::memory
