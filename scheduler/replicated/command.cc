#include "scheduler/replicated/command.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "scheduler/replicated/byte_cursor.h"
#include "scheduler/replicated/resources_codec.h"

namespace blixard::scheduler {
namespace {

constexpr absl::string_view kMagic = "BXC";
constexpr size_t kCountOffset = 4;

bool IsRequest(CommandOp op) {
  return op >= CommandOp::kRegisterNode && op <= CommandOp::kDeleteVm;
}

bool HasResources(CommandOp op) {
  return op == CommandOp::kRegisterNode || op == CommandOp::kCreateVm;
}

bool IsValid(const Command& command) {
  if (!IsRequest(command.op)) {
    return command.op == CommandOp::kInvalid || command.op == CommandOp::kCompareDigest;
  }
  return command.request_id.client_id != 0 && command.request_id.sequence != 0 &&
         IsValidName(command.name) &&
         (!HasResources(command.op) || IsValidResources(command.resources)) &&
         (command.node == kNoNode) == (command.registration == kNoRegistration);
}

size_t DecisionBytes(const Command& command) { return 4 + (command.node == kNoNode ? 16 : 8); }

void PutDecision(const Command& command, ByteWriter& out) {
  out.Put(static_cast<uint32_t>(command.node));
  if (command.node != kNoNode) return out.Put(static_cast<uint64_t>(command.registration));
  out.Put(command.no_fit.nodes);
  out.Put(command.no_fit.lack_vcpu);
  out.Put(command.no_fit.lack_memory);
  out.Put(command.no_fit.lack_disk);
}

void GetDecision(ByteReader& in, Command& command) {
  command.node = NodeId{in.Get<uint32_t>()};
  if (command.node != kNoNode) {
    command.registration = RegistrationId{in.Get<uint64_t>()};
    return;
  }
  command.no_fit.nodes = in.Get<uint32_t>();
  command.no_fit.lack_vcpu = in.Get<uint32_t>();
  command.no_fit.lack_memory = in.Get<uint32_t>();
  command.no_fit.lack_disk = in.Get<uint32_t>();
}

void PutCheckpoint(const Checkpoint& checkpoint, ByteWriter& out) {
  out.Put(checkpoint.index.value);
  out.Put(checkpoint.digest.high);
  out.Put(checkpoint.digest.low);
}

Checkpoint GetCheckpoint(ByteReader& in) {
  Checkpoint checkpoint;
  checkpoint.index.value = in.Get<uint64_t>();
  checkpoint.digest.high = in.Get<uint64_t>();
  checkpoint.digest.low = in.Get<uint64_t>();
  return checkpoint;
}

void PutRequest(const Command& command, ByteWriter& out) {
  out.Put(command.request_id.client_id);
  out.Put(command.request_id.sequence);
  out.PutText(command.name);
  if (HasResources(command.op)) PutResources(command.resources, out);
  if (command.op == CommandOp::kCreateVm) PutDecision(command, out);
}

void GetRequest(ByteReader& in, Command& command) {
  command.request_id.client_id = in.Get<uint64_t>();
  command.request_id.sequence = in.Get<uint64_t>();
  command.name = in.GetText();
  if (HasResources(command.op)) command.resources = GetResources(in);
  if (command.op == CommandOp::kCreateVm) GetDecision(in, command);
}

}  // namespace

size_t EncodedCommandBytes(const Command& command) {
  if (command.op == CommandOp::kCompareDigest) return 1 + 8 + 16;
  if (!IsRequest(command.op)) return 1;
  return 1 + 16 + 1 + command.name.size() + (HasResources(command.op) ? kResourcesBytes : 0) +
         (command.op == CommandOp::kCreateVm ? DecisionBytes(command) : 0);
}

CommandWriter::CommandWriter(memory::Buffer& payload) : payload_(payload) {
  CHECK_GE(payload_.capacity(), kCommandHeaderBytes);
  payload_.Resize(kCommandHeaderBytes);
  ByteWriter header(absl::MakeSpan(payload_.mutable_data(), kCommandHeaderBytes));
  for (char byte : kMagic) header.Put(static_cast<uint8_t>(byte));
  header.Put(kCommandFormatVersion);
  header.Put(uint32_t{0});
}

void CommandWriter::Append(const Command& command) {
  CHECK(Fits(command)) << payload_.size() << " of " << payload_.capacity() << " bytes used";
  CHECK(IsValid(command)) << "op " << static_cast<int>(command.op) << " of " << command.request_id;
  const size_t before = payload_.size();
  const size_t bytes = EncodedCommandBytes(command);
  payload_.Resize(before + bytes);
  ByteWriter out(absl::MakeSpan(payload_.mutable_data() + before, bytes));
  out.Put(static_cast<uint8_t>(command.op));
  if (command.op == CommandOp::kCompareDigest) PutCheckpoint(command.checkpoint, out);
  if (IsRequest(command.op)) PutRequest(command, out);
  CHECK_EQ(out.used(), bytes);
  ++count_;
  ByteWriter(absl::MakeSpan(payload_.mutable_data() + kCountOffset, sizeof(count_))).Put(count_);
}

absl::StatusOr<CommandReader> CommandReader::Open(absl::string_view payload) {
  if (payload.size() < kCommandHeaderBytes || payload.substr(0, kMagic.size()) != kMagic) {
    return absl::DataLossError(
        absl::StrCat("commands: want a header \"BXC\", got ", payload.size(), " other bytes"));
  }
  ByteReader header(payload.substr(kMagic.size()));
  const uint8_t version = header.Get<uint8_t>();
  if (version != kCommandFormatVersion) {
    return absl::DataLossError(
        absl::StrCat("commands: want format version ", kCommandFormatVersion, ", got ", version));
  }
  const uint32_t count = header.Get<uint32_t>();
  const absl::string_view rest = header.rest();
  if (count > rest.size() || (count == 0 && !rest.empty())) {
    return absl::DataLossError(
        absl::StrCat("commands: want ", count, " of them, got ", rest.size(), " bytes"));
  }
  return CommandReader(rest, count);
}

absl::StatusOr<Command> CommandReader::Next() {
  CHECK(HasNext());
  ByteReader in(rest_);
  Command command;
  command.op = static_cast<CommandOp>(in.Get<uint8_t>());
  if (command.op == CommandOp::kCompareDigest) command.checkpoint = GetCheckpoint(in);
  if (IsRequest(command.op)) GetRequest(in, command);
  --remaining_;
  rest_ = in.rest();
  if (in.ok() && IsValid(command) && (HasNext() || rest_.empty())) return command;
  const uint32_t from_end = std::exchange(remaining_, 0);
  return absl::DataLossError(absl::StrCat(
      "command ", from_end, " from the end, op ", static_cast<int>(command.op), ": ",
      !in.ok()            ? "cut short"
      : !IsValid(command) ? "want a known op and valid fields, got others"
                          : absl::StrCat("want the end after it, got ", rest_.size(), " bytes")));
}

}  // namespace blixard::scheduler
