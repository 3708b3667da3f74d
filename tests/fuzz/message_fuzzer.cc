// Messages between replicas (raft/core/message_codec.h).
#include <glog/logging.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/message_repair.h"

namespace blixard::fuzz {
namespace {

using raft::Message;
using raft::MessageType;

memory::BufferPool& Pool() { return memory::BufferPool::Default(); }

std::string Repaired(std::string frame) {
  RepairMessage(absl::MakeSpan(frame));
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
