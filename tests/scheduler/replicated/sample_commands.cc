#include "tests/scheduler/replicated/sample_commands.h"

#include <glog/logging.h>

namespace blixard::scheduler {

Command RegisterNode(uint64_t sequence, absl::string_view name) {
  return {.op = CommandOp::kRegisterNode,
          .request_id = RequestOf(sequence),
          .name = name,
          .resources = kNodeCapacity};
}

Command RemoveNode(uint64_t sequence, absl::string_view name) {
  return {.op = CommandOp::kRemoveNode, .request_id = RequestOf(sequence), .name = name};
}

Command CreateVm(uint64_t sequence, absl::string_view name, NodeChoice choice) {
  return {.op = CommandOp::kCreateVm,
          .request_id = RequestOf(sequence),
          .name = name,
          .resources = kVmSize,
          .node = NodeId{choice.node},
          .registration = RegistrationId{choice.registration}};
}

Command CreateWithoutFit(uint64_t sequence, absl::string_view name) {
  return {.op = CommandOp::kCreateVm,
          .request_id = RequestOf(sequence),
          .name = name,
          .resources = kVmSize,
          .no_fit = {.nodes = 6, .lack_vcpu = 3, .lack_memory = 2, .lack_disk = 1}};
}

Command DeleteVm(uint64_t sequence, absl::string_view name) {
  return {.op = CommandOp::kDeleteVm, .request_id = RequestOf(sequence), .name = name};
}

Command CompareDigest(const Checkpoint& checkpoint) {
  return {.op = CommandOp::kCompareDigest, .checkpoint = checkpoint};
}

memory::Buffer PayloadOf(std::initializer_list<Command> commands) {
  const size_t most = kCommandHeaderBytes + commands.size() * kMaxCommandBytes;
  memory::Buffer payload = memory::BufferPool::Default().Acquire(most).value();
  CommandWriter writer(payload);
  for (const Command& command : commands) writer.Append(command);
  return payload;
}

std::string RequestBytes(const Command& command) {
  CHECK_LE(static_cast<int>(command.op), static_cast<int>(RequestOp::kDeleteVm));
  std::string bytes;
  EncodeRequest({.op = static_cast<RequestOp>(command.op),
                 .id = command.request_id,
                 .name = command.name,
                 .resources = command.resources},
                &bytes);
  return bytes;
}

}  // namespace blixard::scheduler
