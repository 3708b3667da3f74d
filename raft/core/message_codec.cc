#include "raft/core/message_codec.h"

#include <glog/logging.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "raft/core/checksum.h"

namespace blixard::raft {
namespace {

constexpr size_t kHeaderBytes = 96;
constexpr size_t kOwnPayloadOffset = 88;
constexpr size_t kEntryHeaderBytes = 20;
constexpr size_t kChecksumBytes = 4;  // at the front, not covered by itself
constexpr uint8_t kFormatVersion = 2;

enum Flag : uint8_t {
  kReject = 1,
  kForce = 2,
  kLostData = 4,
  kWantsSnapshot = 8,
  kUrgent = 16,
  kAllFlags = 31
};

// Writes integers one after the other, least significant byte first.
class Writer {
 public:
  explicit Writer(char* to) : to_(to) {}

  template <std::unsigned_integral Unsigned>
  void Put(Unsigned value) {
    for (size_t i = 0; i < sizeof(Unsigned); ++i) *to_++ = static_cast<char>(value >> (8 * i));
  }

 private:
  char* to_;
};

// Reads what Writer wrote. The caller has checked that the bytes are there.
class Reader {
 public:
  explicit Reader(const char* from) : from_(from) {}

  template <std::unsigned_integral Unsigned>
  Unsigned Get() {
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(Unsigned); ++i) {
      value |= uint64_t{static_cast<unsigned char>(*from_++)} << (8 * i);
    }
    return static_cast<Unsigned>(value);
  }

 private:
  const char* from_;
};

struct FrameHeader {
  uint32_t checksum = 0;
  uint32_t frame_bytes = 0;
  uint8_t version = 0;
  uint8_t type = 0;
  uint8_t flags = 0;
  uint8_t zero = 0;
  uint32_t entries = 0;
  uint32_t payload_bytes = 0;
  uint32_t payload_crc32c = 0;

  size_t table_end() const { return kHeaderBytes + kEntryHeaderBytes * size_t{entries}; }
};

struct EntryHeader {
  uint64_t term = 0;
  uint32_t payload_bytes = 0;
  uint32_t payload_crc32c = 0;
  uint8_t type = 0;
  uint8_t zeros[3] = {};
};

FrameHeader ReadFrameHeader(const char* frame) {
  Reader reader(frame);
  FrameHeader header;
  header.checksum = reader.Get<uint32_t>();
  header.frame_bytes = reader.Get<uint32_t>();
  header.version = reader.Get<uint8_t>();
  header.type = reader.Get<uint8_t>();
  header.flags = reader.Get<uint8_t>();
  header.zero = reader.Get<uint8_t>();
  header.entries = reader.Get<uint32_t>();
  Reader own_payload(frame + kOwnPayloadOffset);
  header.payload_bytes = own_payload.Get<uint32_t>();
  header.payload_crc32c = own_payload.Get<uint32_t>();
  return header;
}

EntryHeader ReadEntryHeader(const char* frame, size_t i) {
  Reader reader(frame + kHeaderBytes + i * kEntryHeaderBytes);
  EntryHeader header;
  header.term = reader.Get<uint64_t>();
  header.payload_bytes = reader.Get<uint32_t>();
  header.payload_crc32c = reader.Get<uint32_t>();
  header.type = reader.Get<uint8_t>();
  for (uint8_t& zero : header.zeros) zero = reader.Get<uint8_t>();
  return header;
}

uint8_t FlagsOf(const Message& message) {
  return static_cast<uint8_t>((message.reject ? kReject : 0) | (message.force ? kForce : 0) |
                              (message.lost_data ? kLostData : 0) |
                              (message.wants_snapshot ? kWantsSnapshot : 0) |
                              (message.urgent ? kUrgent : 0));
}

void WriteHeader(const Message& message, uint32_t frame_bytes, char* frame) {
  Writer writer(frame + kChecksumBytes);
  writer.Put(frame_bytes);
  writer.Put(kFormatVersion);
  writer.Put(static_cast<uint8_t>(message.type));
  writer.Put(FlagsOf(message));
  writer.Put(uint8_t{0});
  writer.Put(static_cast<uint32_t>(message.entries.size()));
  writer.Put(static_cast<uint64_t>(message.cluster));
  writer.Put(static_cast<uint64_t>(message.from));
  writer.Put(static_cast<uint64_t>(message.to));
  writer.Put(message.term.value);
  writer.Put(message.log.term.value);
  writer.Put(message.log.index.value);
  writer.Put(message.commit.value);
  writer.Put(message.rejected_index.value);
  writer.Put(message.context);
  writer.Put(static_cast<uint32_t>(message.payload.size()));
  writer.Put(PayloadCrc32c(message.payload.view()));
}

void ReadFields(const char* frame, Message& message) {
  const FrameHeader header = ReadFrameHeader(frame);
  message.type = static_cast<MessageType>(header.type);
  message.reject = (header.flags & kReject) != 0;
  message.force = (header.flags & kForce) != 0;
  message.lost_data = (header.flags & kLostData) != 0;
  message.wants_snapshot = (header.flags & kWantsSnapshot) != 0;
  message.urgent = (header.flags & kUrgent) != 0;
  Reader reader(frame + 16);
  message.cluster = ClusterId{reader.Get<uint64_t>()};
  message.from = ReplicaId{reader.Get<uint64_t>()};
  message.to = ReplicaId{reader.Get<uint64_t>()};
  message.term.value = reader.Get<uint64_t>();
  message.log.term.value = reader.Get<uint64_t>();
  message.log.index.value = reader.Get<uint64_t>();
  message.commit.value = reader.Get<uint64_t>();
  message.rejected_index.value = reader.Get<uint64_t>();
  message.context = reader.Get<uint64_t>();
}

void WriteEntryHeader(const Entry& entry, char* to) {
  Writer writer(to);
  writer.Put(entry.term.value);
  writer.Put(static_cast<uint32_t>(entry.payload.size()));
  writer.Put(entry.payload_crc32c);
  writer.Put(static_cast<uint8_t>(entry.type));
  for (int i = 0; i < 3; ++i) writer.Put(uint8_t{0});
}

absl::string_view Guarded(const char* frame, size_t table_end) {
  return {frame + kChecksumBytes, table_end - kChecksumBytes};
}

// The header and the entry table are there, intact, and of a kind this version knows.
absl::StatusOr<FrameHeader> CheckFrame(absl::string_view frames) {
  if (frames.size() < kHeaderBytes) {
    return absl::DataLossError(
        absl::StrCat("frame header: want ", kHeaderBytes, " bytes, got ", frames.size()));
  }
  const FrameHeader header = ReadFrameHeader(frames.data());
  if (header.version != kFormatVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("format version at byte 8: want ", kFormatVersion, ", got ", header.version));
  }
  if (header.frame_bytes > frames.size()) {
    return absl::DataLossError(absl::StrCat("frame length at byte 4: want <= ", frames.size(),
                                            " (the bytes there are), got ", header.frame_bytes));
  }
  if (header.table_end() > header.frame_bytes) {
    return absl::DataLossError(
        absl::StrCat("number of entries at byte 12: want a table within the frame of ",
                     header.frame_bytes, " bytes, got ", header.entries, " entries"));
  }
  const uint32_t checksum = ExtendCrc32c(0, Guarded(frames.data(), header.table_end()));
  if (checksum != header.checksum) {
    return absl::DataLossError(absl::StrFormat("header checksum at byte 0: want %08x, got %08x",
                                               checksum, header.checksum));
  }
  return header;
}

absl::Status CheckKinds(const char* frame, const FrameHeader& header) {
  if (header.type < static_cast<uint8_t>(MessageType::kPreVote) ||
      header.type > static_cast<uint8_t>(kLastMessageType)) {
    return absl::InvalidArgumentError(absl::StrCat("message type at byte 9: want 1 to ",
                                                   static_cast<int>(kLastMessageType), ", got ",
                                                   header.type));
  }
  if (header.flags > kAllFlags || header.zero != 0) {
    return absl::InvalidArgumentError(absl::StrCat("flags at byte 10: want 0 to ",
                                                   static_cast<int>(kAllFlags), " and then 0, got ",
                                                   header.flags, " and ", header.zero));
  }
  for (size_t i = 0; i < header.entries; ++i) {
    const EntryHeader entry = ReadEntryHeader(frame, i);
    if (!IsEntryType(entry.type)) {
      return absl::InvalidArgumentError(
          absl::StrCat("type of entry ", i, ": want 0, 1 or 3, got ", entry.type));
    }
    if ((entry.zeros[0] | entry.zeros[1] | entry.zeros[2]) != 0) {
      return absl::InvalidArgumentError(absl::StrCat("padding of entry ", i, ": want zeros"));
    }
    const bool empty = entry.type == static_cast<uint8_t>(EntryType::kEmpty);
    if (empty && entry.payload_bytes != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "payload of entry ", i, ": want 0 bytes in an empty entry, got ", entry.payload_bytes));
    }
  }
  return absl::OkStatus();
}

// The payloads fill the frame exactly and are what their checksums say.
absl::Status CheckPayloads(const char* frame, const FrameHeader& header) {
  uint64_t end = header.table_end() + header.payload_bytes;
  if (end > header.frame_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("payload length at byte 88: want <= ", header.frame_bytes - header.table_end(),
                     ", got ", header.payload_bytes));
  }
  const uint32_t own_checksum = PayloadCrc32c({frame + header.table_end(), header.payload_bytes});
  if (own_checksum != header.payload_crc32c) {
    return absl::DataLossError(absl::StrFormat("payload checksum at byte 92: want %08x, got %08x",
                                               own_checksum, header.payload_crc32c));
  }
  for (size_t i = 0; i < header.entries; ++i) {
    const EntryHeader entry = ReadEntryHeader(frame, i);
    const uint64_t begin = std::exchange(end, end + entry.payload_bytes);
    if (end > header.frame_bytes) {
      return absl::InvalidArgumentError(absl::StrCat("payload length of entry ", i,
                                                     ": want <= ", header.frame_bytes - begin,
                                                     ", got ", entry.payload_bytes));
    }
    const uint32_t checksum = PayloadCrc32c({frame + begin, entry.payload_bytes});
    if (checksum != entry.payload_crc32c) {
      return absl::DataLossError(
          absl::StrFormat("payload checksum of entry %d at byte %d: want %08x, got %08x", i, begin,
                          checksum, entry.payload_crc32c));
    }
  }
  if (end == header.frame_bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "frame length at byte 4: want ", end, " (what its entries need), got ", header.frame_bytes));
}

// Empty bytes need no buffer.
absl::Status CopyPayload(absl::string_view bytes, memory::BufferPool& pool,
                         memory::Buffer& payload) {
  if (bytes.empty()) return absl::OkStatus();
  absl::StatusOr<memory::Buffer> copy = pool.AcquireCopy(bytes);
  if (!copy.ok()) return copy.status();
  payload = *std::move(copy);
  return absl::OkStatus();
}

absl::Status ReadPayloads(absl::string_view frame, const FrameHeader& frame_header,
                          memory::BufferPool& pool, Message& message) {
  size_t begin = frame_header.table_end();
  absl::Status copied =
      CopyPayload(frame.substr(begin, frame_header.payload_bytes), pool, message.payload);
  begin += frame_header.payload_bytes;
  message.entries.reserve(frame_header.entries);
  for (size_t i = 0; i < frame_header.entries && copied.ok(); ++i) {
    const EntryHeader header = ReadEntryHeader(frame.data(), i);
    Entry& entry = message.entries.emplace_back();
    entry.term.value = header.term;
    entry.index = message.log.index + (i + 1);
    entry.type = static_cast<EntryType>(header.type);
    entry.payload_crc32c = header.payload_crc32c;
    copied = CopyPayload(frame.substr(begin, header.payload_bytes), pool, entry.payload);
    begin += header.payload_bytes;
  }
  return copied;
}

}  // namespace

size_t EncodedMessageBytes(const Message& message) {
  size_t bytes = kHeaderBytes + kEntryHeaderBytes * message.entries.size() + message.payload.size();
  for (const Entry& entry : message.entries) bytes += entry.payload.size();
  return bytes;
}

void EncodeMessage(const Message& message, std::string& frames) {
  const size_t frame_bytes = EncodedMessageBytes(message);
  CHECK_LE(frame_bytes, std::numeric_limits<uint32_t>::max());
  const size_t begin = frames.size();
  const size_t table_end = kHeaderBytes + kEntryHeaderBytes * message.entries.size();
  frames.resize(begin + table_end);
  char* frame = frames.data() + begin;
  WriteHeader(message, static_cast<uint32_t>(frame_bytes), frame);
  for (size_t i = 0; i < message.entries.size(); ++i) {
    CHECK_EQ(message.entries[i].index, message.log.index + (i + 1));  // it is not written
    WriteEntryHeader(message.entries[i], frame + kHeaderBytes + i * kEntryHeaderBytes);
  }
  Writer(frame).Put(ExtendCrc32c(0, Guarded(frame, table_end)));
  if (message.payload.size() != 0) {
    frames.append(message.payload.data(), message.payload.size());
  }
  for (const Entry& entry : message.entries) {
    frames.append(entry.payload.data(), entry.payload.size());
  }
  CHECK_EQ(frames.size(), begin + frame_bytes);
}

absl::StatusOr<size_t> DecodeMessage(absl::string_view frames, memory::BufferPool& pool,
                                     Message& message) {
  message.Reset();
  absl::StatusOr<FrameHeader> header = CheckFrame(frames);
  if (!header.ok()) return header.status();
  const absl::string_view frame = frames.substr(0, header->frame_bytes);
  if (absl::Status status = CheckKinds(frame.data(), *header); !status.ok()) return status;
  if (absl::Status status = CheckPayloads(frame.data(), *header); !status.ok()) return status;
  ReadFields(frame.data(), message);
  if (absl::Status status = ReadPayloads(frame, *header, pool, message); !status.ok()) {
    message.Reset();
    return status;
  }
  return frame.size();
}

}  // namespace blixard::raft
