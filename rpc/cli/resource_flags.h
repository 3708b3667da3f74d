// Sizes of nodes and VMs as a person types them.
#ifndef BLIXARD_RPC_CLI_RESOURCE_FLAGS_H_
#define BLIXARD_RPC_CLI_RESOURCE_FLAGS_H_

#include <CLI/CLI.hpp>

#include "absl/status/status.h"
#include "rpc/proto/placement.pb.h"

namespace blixard::rpc {

struct ResourceFlags {
  double vcpu = 0;  // 0.5 = half a vCPU
  double memory_gib = 0;
  uint32_t disk_gib = 0;

  void AddTo(CLI::App& command);

  // kInvalidArgument naming the flag, what is wanted and what was given.
  absl::Status FillIn(v1::Resources* resources) const;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_RESOURCE_FLAGS_H_
