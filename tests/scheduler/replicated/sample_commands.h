// Requests and commands as the tests of this folder write them.
#ifndef BLIXARD_TESTS_SCHEDULER_REPLICATED_SAMPLE_COMMANDS_H_
#define BLIXARD_TESTS_SCHEDULER_REPLICATED_SAMPLE_COMMANDS_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "scheduler/core/inventory.h"
#include "scheduler/core/resources.h"
#include "scheduler/replicated/command.h"
#include "scheduler/replicated/request.h"

namespace blixard::scheduler {

inline constexpr Resources kNodeCapacity = {
    .vcpu_milli = 4000, .memory_mib = 4096, .disk_gib = 100};
inline constexpr Resources kVmSize = {.vcpu_milli = 1000, .memory_mib = 1024, .disk_gib = 1};

// The request ids of one client, in order.
inline RequestId RequestOf(uint64_t sequence) { return {.client_id = 7, .sequence = sequence}; }

struct NodeChoice {
  uint32_t node = 1;
  uint64_t registration = 1;
};

Command RegisterNode(uint64_t sequence, absl::string_view name);
Command RemoveNode(uint64_t sequence, absl::string_view name);
Command CreateVm(uint64_t sequence, absl::string_view name, NodeChoice choice = {});
Command CreateWithoutFit(uint64_t sequence, absl::string_view name);
Command DeleteVm(uint64_t sequence, absl::string_view name);
Command CompareDigest(const Checkpoint& checkpoint);

// The payload of an entry that holds the commands.
memory::Buffer PayloadOf(std::initializer_list<Command> commands);

// The bytes of the request that such a command answers.
std::string RequestBytes(const Command& command);

}  // namespace blixard::scheduler

#endif  // BLIXARD_TESTS_SCHEDULER_REPLICATED_SAMPLE_COMMANDS_H_
