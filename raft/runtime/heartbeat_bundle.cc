#include "raft/runtime/heartbeat_bundle.h"

#include <glog/logging.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "raft/core/checksum.h"
#include "raft/storage/little_endian.h"

namespace blixard::raft {
namespace {

constexpr size_t kChecksumBytes = 4;
constexpr size_t kLengthOffset = 4;
constexpr size_t kVersionOffset = 8;
constexpr size_t kReservedOffset = 9;
constexpr size_t kReservedBytes = 3;
constexpr size_t kCountOffset = 12;
constexpr size_t kFromOffset = 16;
constexpr size_t kToOffset = 24;

enum Flag : uint8_t { kReply = 1, kReject = 2, kLostData = 4, kAllFlags = 7 };

void Put(uint64_t value, std::string& bytes) {
  char little[sizeof(value)];
  StoreLittleEndian(value, little);
  bytes.append(little, sizeof(little));
}

uint32_t ChecksumOf(absl::string_view frame) {
  return ExtendCrc32c(0, frame.substr(kChecksumBytes));
}

absl::Status CheckShape(absl::string_view frame) {
  if (frame.size() < kHeartbeatBundleHeaderBytes) {
    return absl::DataLossError(absl::StrCat("heartbeats: want ", kHeartbeatBundleHeaderBytes,
                                            " bytes at least, got ", frame.size()));
  }
  const auto length = LoadLittleEndian<uint32_t>(frame.data() + kLengthOffset);
  if (length != frame.size()) {
    return absl::DataLossError(absl::StrCat("heartbeats: length at byte 4: want ", frame.size(),
                                            " (the bytes there are), got ", length));
  }
  const auto want = LoadLittleEndian<uint32_t>(frame.data());
  if (const uint32_t got = ChecksumOf(frame); got != want) {
    return absl::DataLossError(
        absl::StrFormat("heartbeats: checksum at byte 0: want %08x, got %08x", got, want));
  }
  return absl::OkStatus();
}

absl::Status CheckContent(absl::string_view frame) {
  if (!IsHeartbeatBundle(frame)) {
    return absl::InvalidArgumentError(absl::StrCat("heartbeats: format version at byte 8: want ",
                                                   int{kHeartbeatBundleVersion}, ", got ",
                                                   int{frame[kVersionOffset]}));
  }
  for (size_t i = kReservedOffset; i < kReservedOffset + kReservedBytes; ++i) {
    if (frame[i] == 0) continue;
    return absl::InvalidArgumentError(absl::StrCat("heartbeats: byte ", i, ": want 0, got ",
                                                   int{static_cast<uint8_t>(frame[i])}));
  }
  const uint64_t count = LoadLittleEndian<uint32_t>(frame.data() + kCountOffset);
  if (count == 0 || kHeartbeatBundleHeaderBytes + count * kHeartbeatRecordBytes != frame.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("heartbeats: number of records at byte 12: want what ", frame.size(),
                     " bytes hold, got ", count));
  }
  for (uint64_t i = 1; i <= count; ++i) {
    const auto flags =
        static_cast<uint8_t>(frame[kHeartbeatBundleHeaderBytes + i * kHeartbeatRecordBytes - 1]);
    if (flags > kAllFlags) {
      return absl::InvalidArgumentError(absl::StrCat("heartbeats: flags of record ", i - 1,
                                                     ": want 0 to ", int{kAllFlags}, ", got ",
                                                     int{flags}));
    }
  }
  return absl::OkStatus();
}

}  // namespace

HeartbeatBundle::HeartbeatBundle(Route route, size_t max_bytes)
    : route_(route), max_bytes_(max_bytes) {
  CHECK_GE(max_bytes, kHeartbeatBundleHeaderBytes + kHeartbeatRecordBytes);
  frame_.reserve(max_bytes);
  Clear();
}

bool HeartbeatBundle::CanCarry(const Message& message) {
  const bool is_reply = message.type == MessageType::kHeartbeatReply;
  if (message.type != MessageType::kHeartbeat && !is_reply) return false;
  return !message.urgent && !message.force && !message.wants_snapshot && message.entries.empty() &&
         message.payload.size() == 0 && message.log == EntryId{} &&
         message.rejected_index == LogIndex{0};
}

void HeartbeatBundle::Add(const Message& message) {
  CHECK(CanCarry(message) && !full());
  CHECK(message.from == route_.from && message.to == route_.to)
      << "from " << message.from << " to " << message.to;
  Put(static_cast<uint64_t>(message.cluster), frame_);
  Put(message.term.value, frame_);
  Put(message.commit.value, frame_);
  Put(message.context, frame_);
  const bool is_reply = message.type == MessageType::kHeartbeatReply;
  frame_.push_back(static_cast<char>((is_reply ? kReply : 0) | (message.reject ? kReject : 0) |
                                     (message.lost_data ? kLostData : 0)));
  ++records_;
}

absl::string_view HeartbeatBundle::Seal() {
  CHECK(!empty());
  char* const header = frame_.data();
  StoreLittleEndian(static_cast<uint32_t>(frame_.size()), header + kLengthOffset);
  header[kVersionOffset] = kHeartbeatBundleVersion;
  StoreLittleEndian(records_, header + kCountOffset);
  StoreLittleEndian(static_cast<uint64_t>(route_.from), header + kFromOffset);
  StoreLittleEndian(static_cast<uint64_t>(route_.to), header + kToOffset);
  StoreLittleEndian(ChecksumOf(frame_), header);
  return frame_;
}

void HeartbeatBundle::Clear() {
  frame_.assign(kHeartbeatBundleHeaderBytes, '\0');
  records_ = 0;
}

bool IsHeartbeatBundle(absl::string_view frame) {
  return frame.size() > kVersionOffset && frame[kVersionOffset] == kHeartbeatBundleVersion;
}

absl::StatusOr<HeartbeatBundleReader> HeartbeatBundleReader::Open(absl::string_view frame) {
  if (absl::Status shape = CheckShape(frame); !shape.ok()) return shape;
  if (absl::Status content = CheckContent(frame); !content.ok()) return content;
  HeartbeatBundleReader reader;
  reader.from_ = ReplicaId{LoadLittleEndian<uint64_t>(frame.data() + kFromOffset)};
  reader.to_ = ReplicaId{LoadLittleEndian<uint64_t>(frame.data() + kToOffset)};
  reader.records_ = frame.substr(kHeartbeatBundleHeaderBytes);
  return reader;
}

void HeartbeatBundleReader::Next(Message& message) {
  CHECK_GE(records_.size(), kHeartbeatRecordBytes);
  const char* const record = records_.data();
  const auto flags = static_cast<uint8_t>(record[kHeartbeatRecordBytes - 1]);
  message.Reset();
  message.type = (flags & kReply) != 0 ? MessageType::kHeartbeatReply : MessageType::kHeartbeat;
  message.reject = (flags & kReject) != 0;
  message.lost_data = (flags & kLostData) != 0;
  message.from = from_;
  message.to = to_;
  message.cluster = ClusterId{LoadLittleEndian<uint64_t>(record)};
  message.term.value = LoadLittleEndian<uint64_t>(record + 8);
  message.commit.value = LoadLittleEndian<uint64_t>(record + 16);
  message.context = LoadLittleEndian<uint64_t>(record + 24);
  records_.remove_prefix(kHeartbeatRecordBytes);
}

}  // namespace blixard::raft
