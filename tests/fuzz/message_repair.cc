#include "tests/fuzz/message_repair.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "raft/core/checksum.h"
#include "raft/storage/little_endian.h"

namespace blixard::fuzz {
namespace {

using raft::LoadLittleEndian;
using raft::StoreLittleEndian;

// Offsets of message_codec.h.
constexpr size_t kLengthAt = 4;
constexpr size_t kEntriesAt = 12;
constexpr size_t kPayloadBytesAt = 88;
constexpr size_t kFixedBytes = 96;
constexpr size_t kEntryBytes = 20;

}  // namespace

void RepairMessage(absl::Span<char> frame) {
  if (frame.size() < kFixedBytes) return;
  StoreLittleEndian(static_cast<uint32_t>(frame.size()), frame.data() + kLengthAt);
  const uint64_t entries = LoadLittleEndian<uint32_t>(frame.data() + kEntriesAt);
  const uint64_t table_end = kFixedBytes + kEntryBytes * entries;
  if (table_end > frame.size()) return;
  const absl::string_view bytes(frame.data(), frame.size());
  size_t payload_at = table_end;
  const auto repair_payload = [&](size_t at) {
    const size_t size =
        std::min<size_t>(LoadLittleEndian<uint32_t>(frame.data() + at), frame.size() - payload_at);
    StoreLittleEndian(raft::PayloadCrc32c(bytes.substr(payload_at, size)), frame.data() + at + 4);
    payload_at += size;
  };
  repair_payload(kPayloadBytesAt);
  for (uint64_t i = 0; i < entries; ++i) repair_payload(kFixedBytes + kEntryBytes * i + 8);
  StoreLittleEndian(raft::PayloadCrc32c(bytes.substr(4, table_end - 4)), frame.data());
}

}  // namespace blixard::fuzz
