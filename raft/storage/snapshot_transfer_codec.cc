#include "raft/storage/snapshot_transfer_codec.h"

#include <glog/logging.h>

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/checksum.h"
#include "raft/core/configuration_codec.h"
#include "raft/storage/little_endian.h"
#include "raft/storage/snapshot_format.h"

namespace blixard::raft {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kChunkFrame = 2;
constexpr uint8_t kAckFrame = 3;
constexpr size_t kRouteOffset = 16;  // in both
constexpr size_t kChunkFixedBytes = kRouteOffset + 9 * 8 + 2 * 4;
constexpr size_t kAckBytes = kRouteOffset + 6 * 8;

absl::Status Bad(absl::string_view field, absl::string_view want, uint64_t got) {
  return absl::DataLossError(
      absl::StrCat("snapshot message: ", field, ": want ", want, ", got ", got));
}

// Stores or loads one number after the other.
class FieldWriter {
 public:
  explicit FieldWriter(char* to) : to_(to) {}
  template <class Unsigned>
  void Put(Unsigned value) {
    StoreLittleEndian(value, to_);
    to_ += sizeof(value);
  }

 private:
  char* to_;
};

class FieldReader {
 public:
  explicit FieldReader(const char* from) : from_(from) {}
  template <class Unsigned>
  Unsigned Get() {
    const Unsigned value = LoadLittleEndian<Unsigned>(from_);
    from_ += sizeof(value);
    return value;
  }

 private:
  const char* from_;
};

void PutRoute(const SnapshotRoute& route, const TransferId& transfer, FieldWriter& out) {
  out.Put(static_cast<uint64_t>(route.cluster));
  out.Put(static_cast<uint64_t>(route.from));
  out.Put(static_cast<uint64_t>(route.to));
  out.Put(transfer.term.value);
  out.Put(transfer.number);
}

void GetRoute(FieldReader& in, SnapshotRoute& route, TransferId& transfer) {
  route.cluster = ClusterId{in.Get<uint64_t>()};
  route.from = ReplicaId{in.Get<uint64_t>()};
  route.to = ReplicaId{in.Get<uint64_t>()};
  transfer.term = {in.Get<uint64_t>()};
  transfer.number = in.Get<uint64_t>();
}

// What both frames begin with; `fixed` bytes at least.
absl::StatusOr<size_t> FrameLength(absl::string_view frames, size_t fixed, uint8_t type) {
  if (frames.size() < fixed) return Bad("bytes", absl::StrCat(fixed, " at least"), frames.size());
  FieldReader in(frames.data() + 4);
  const uint32_t length = in.Get<uint32_t>();
  const uint8_t version = in.Get<uint8_t>();
  const uint8_t got = in.Get<uint8_t>();
  if (length < fixed || length > frames.size()) return Bad("length", "what is there", length);
  if (version != kVersion) return Bad("format version", "1", version);
  if (got != type) return Bad("frame type", absl::StrCat(int{type}), got);
  return size_t{length};
}

absl::Status CheckSum(absl::string_view frame) {
  const uint32_t want = PayloadCrc32c(frame.substr(4));
  const uint32_t got = LoadLittleEndian<uint32_t>(frame.data());
  return want == got ? absl::OkStatus() : Bad("checksum", absl::StrCat(want), got);
}

// Zero or the padding that ought to be.
absl::Status CheckZero(uint64_t padding) {
  return padding == 0 ? absl::OkStatus() : Bad("padding", "0", padding);
}

absl::StatusOr<memory::Buffer> CopyOf(absl::string_view bytes, memory::BufferPool& pool) {
  if (bytes.empty()) return memory::Buffer();
  return pool.AcquireCopy(bytes);
}

}  // namespace

size_t EncodedBytes(const SnapshotChunk& chunk) {
  return kChunkFixedBytes + chunk.configuration.size() + chunk.data.size();
}

size_t EncodedBytes(const SnapshotAck&) { return kAckBytes; }

void Encode(const SnapshotChunk& chunk, std::string& frames) {
  CHECK_LE(chunk.configuration.size(), kMaxEncodedConfigurationBytes);
  CHECK_LE(chunk.data.size(), kMaxSnapshotChunkBytes);
  const size_t start = frames.size();
  frames.resize(start + kChunkFixedBytes);
  FieldWriter out(frames.data() + start + 4);
  out.Put(static_cast<uint32_t>(EncodedBytes(chunk)));
  out.Put(kVersion);
  out.Put(kChunkFrame);
  out.Put(uint16_t{0});
  out.Put(static_cast<uint32_t>(chunk.configuration.size()));
  PutRoute(chunk.route, chunk.transfer, out);
  out.Put(chunk.snapshot.term.value);
  out.Put(chunk.snapshot.index.value);
  out.Put(chunk.stream_bytes);
  out.Put(chunk.offset);
  out.Put(chunk.stream_crc32c);
  out.Put(chunk.data_crc32c);
  frames.append(chunk.configuration.data(), chunk.configuration.size());
  const uint32_t checksum = PayloadCrc32c(absl::string_view(frames).substr(start + 4));
  StoreLittleEndian(checksum, frames.data() + start);
  frames.append(chunk.data.data(), chunk.data.size());
}

void Encode(const SnapshotAck& ack, std::string& frames) {
  const size_t start = frames.size();
  frames.resize(start + kAckBytes);
  FieldWriter out(frames.data() + start + 4);
  out.Put(static_cast<uint32_t>(kAckBytes));
  out.Put(kVersion);
  out.Put(kAckFrame);
  out.Put(static_cast<uint8_t>(ack.kind));
  out.Put(uint8_t{0});
  out.Put(uint32_t{0});
  PutRoute(ack.route, ack.transfer, out);
  out.Put(ack.received);
  const uint32_t checksum = PayloadCrc32c(absl::string_view(frames).substr(start + 4));
  StoreLittleEndian(checksum, frames.data() + start);
}

absl::StatusOr<size_t> Decode(absl::string_view frames, memory::BufferPool& pool,
                              SnapshotChunk& chunk) {
  const absl::StatusOr<size_t> length = FrameLength(frames, kChunkFixedBytes, kChunkFrame);
  if (!length.ok()) return length;
  FieldReader in(frames.data() + 10);
  const uint16_t padding = in.Get<uint16_t>();
  const size_t configuration_bytes = in.Get<uint32_t>();
  if (configuration_bytes > kMaxEncodedConfigurationBytes ||
      configuration_bytes > *length - kChunkFixedBytes) {
    return Bad("configuration length", "at most what a group needs", configuration_bytes);
  }
  const absl::string_view frame = frames.substr(0, *length);
  absl::Status status = CheckSum(frame.substr(0, kChunkFixedBytes + configuration_bytes));
  if (status.ok()) status = CheckZero(padding);
  if (!status.ok()) return status;
  const absl::string_view data = frame.substr(kChunkFixedBytes + configuration_bytes);
  if (data.size() > kMaxSnapshotChunkBytes) return Bad("data", "at most 512 KiB", data.size());
  chunk = SnapshotChunk{};
  GetRoute(in, chunk.route, chunk.transfer);
  chunk.snapshot.term = {in.Get<uint64_t>()};
  chunk.snapshot.index = {in.Get<uint64_t>()};
  chunk.stream_bytes = in.Get<uint64_t>();
  chunk.offset = in.Get<uint64_t>();
  chunk.stream_crc32c = in.Get<uint32_t>();
  chunk.data_crc32c = in.Get<uint32_t>();
  absl::StatusOr<memory::Buffer> configuration =
      CopyOf(frame.substr(kChunkFixedBytes, configuration_bytes), pool);
  if (!configuration.ok()) return configuration.status();
  absl::StatusOr<memory::Buffer> copy = CopyOf(data, pool);
  if (!copy.ok()) return copy.status();
  chunk.configuration = *std::move(configuration);
  chunk.data = *std::move(copy);
  return length;
}

absl::StatusOr<size_t> Decode(absl::string_view frames, SnapshotAck& ack) {
  const absl::StatusOr<size_t> length = FrameLength(frames, kAckBytes, kAckFrame);
  if (!length.ok()) return length;
  if (*length != kAckBytes) return Bad("length", absl::StrCat(kAckBytes), *length);
  FieldReader in(frames.data() + 10);
  const uint8_t kind = in.Get<uint8_t>();
  absl::Status status = CheckSum(frames.substr(0, kAckBytes));
  const uint8_t zero = in.Get<uint8_t>();
  if (status.ok()) status = CheckZero(zero + uint64_t{in.Get<uint32_t>()});
  if (!status.ok()) return status;
  if (kind < 1 || kind > 4) return Bad("kind", "1 to 4", kind);
  ack = {.route = {}, .transfer = {}, .kind = SnapshotAckKind{kind}, .received = 0};
  GetRoute(in, ack.route, ack.transfer);
  ack.received = in.Get<uint64_t>();
  return length;
}

std::optional<ClusterId> ClusterOfSnapshotFrame(absl::string_view frame) {
  if (frame.size() < kRouteOffset + sizeof(uint64_t)) return std::nullopt;
  return ClusterId{LoadLittleEndian<uint64_t>(frame.data() + kRouteOffset)};
}

}  // namespace blixard::raft
