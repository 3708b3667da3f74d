// Messages between replicas (raft/core/message_codec.h).
#include <glog/logging.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"
#include "raft/storage/little_endian.h"
#include "tests/fuzz/fuzz_target.h"

namespace blixard::fuzz {
namespace {

using raft::LoadLittleEndian;
using raft::Message;
using raft::MessageType;
using raft::StoreLittleEndian;

// Offsets of message_codec.h.
constexpr size_t kLengthAt = 4;
constexpr size_t kEntriesAt = 12;
constexpr size_t kPayloadBytesAt = 88;
constexpr size_t kFixedBytes = 96;
constexpr size_t kEntryBytes = 20;

memory::BufferPool& Pool() { return memory::BufferPool::Default(); }

// Makes the length and the checksums right, so that what comes behind them is reached.
std::string Repaired(std::string frame) {
  if (frame.size() < kFixedBytes) return frame;
  StoreLittleEndian(static_cast<uint32_t>(frame.size()), frame.data() + kLengthAt);
  const uint64_t entries = LoadLittleEndian<uint32_t>(frame.data() + kEntriesAt);
  const uint64_t table_end = kFixedBytes + kEntryBytes * entries;
  if (table_end > frame.size()) return frame;
  size_t payload_at = table_end;
  const auto repair_payload = [&](size_t at) {
    const size_t bytes =
        std::min<size_t>(LoadLittleEndian<uint32_t>(frame.data() + at), frame.size() - payload_at);
    const absl::string_view payload = absl::string_view(frame).substr(payload_at, bytes);
    StoreLittleEndian(raft::PayloadCrc32c(payload), frame.data() + at + 4);
    payload_at += bytes;
  };
  repair_payload(kPayloadBytesAt);
  for (uint64_t i = 0; i < entries; ++i) repair_payload(kFixedBytes + kEntryBytes * i + 8);
  const absl::string_view checked = absl::string_view(frame).substr(4, table_end - 4);
  StoreLittleEndian(raft::PayloadCrc32c(checked), frame.data());
  return frame;
}

bool Decodes(absl::string_view bytes) {
  Message message;
  const absl::StatusOr<size_t> length = raft::DecodeMessage(bytes, Pool(), message);
  if (!length.ok()) return false;
  std::string again;
  raft::EncodeMessage(message, again);
  CHECK(bytes.substr(0, *length) == again) << "a message has two encodings";
  return true;
}

std::string Encoded(const Message& message) {
  std::string frame;
  raft::EncodeMessage(message, frame);
  return frame;
}

Message MessageOf(MessageType type) {
  Message message;
  message.type = type;
  message.cluster = raft::ClusterId{1};
  message.from = raft::ReplicaId{2};
  message.to = raft::ReplicaId{3};
  message.term = {4};
  message.log = {.term = {3}, .index = {7}};
  return message;
}

raft::Entry EntryOf(uint64_t index, absl::string_view payload) {
  raft::Entry entry;
  entry.term = {4};
  entry.index = {index};
  if (payload.empty()) return entry;
  entry.type = raft::EntryType::kCommand;
  entry.payload = Pool().AcquireCopy(payload).value();
  entry.payload_crc32c = raft::PayloadCrc32c(payload);
  return entry;
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  Decodes(bytes);
  Decodes(Repaired(std::string(bytes)));
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const MessageType type :
       {MessageType::kPreVote, MessageType::kVoteReply, MessageType::kHeartbeat}) {
    seeds.push_back(Encoded(MessageOf(type)));
  }
  Message append = MessageOf(MessageType::kAppend);
  append.commit = {5};
  append.entries = {EntryOf(8, ""), EntryOf(9, "a command"), EntryOf(10, "another one")};
  seeds.push_back(Encoded(append));
  Message refusal = MessageOf(MessageType::kAppendReply);
  refusal.reject = true;
  refusal.rejected_index = {9};
  seeds.push_back(Encoded(refusal));
  Message snapshot = MessageOf(MessageType::kSnapshot);
  snapshot.payload =
      Pool()
          .AcquireCopy(
              raft::Encode(raft::Configuration{.voters = {raft::ReplicaId{1}, raft::ReplicaId{2}}}))
          .value();
  seeds.push_back(Encoded(snapshot));
  Message read = MessageOf(MessageType::kReadIndex);
  read.context = 77;
  seeds.push_back(Encoded(read));
  Message campaign = MessageOf(MessageType::kVote);
  campaign.force = true;
  seeds.push_back(Encoded(campaign));
  for (const std::string& seed : seeds) CHECK(Decodes(seed) && Repaired(seed) == seed);
  return seeds;
}

}  // namespace blixard::fuzz
