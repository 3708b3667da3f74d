// What a person can set for one replica: the flags of blixardd serve, which are also the names in
// its config file.
#ifndef BLIXARD_RPC_DAEMON_SERVE_FLAGS_H_
#define BLIXARD_RPC_DAEMON_SERVE_FLAGS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "rpc/daemon/replica_server.h"

namespace blixard::rpc {

// Units are in the names; a flag without one counts things.
struct ServeFlags {
  uint64_t id = 0;
  std::vector<std::string> peers;  // ID=HOST:PORT
  bool join = false;
  std::string data_directory;
  std::string listen;
  uint64_t cluster = 1;
  bool reuse_port = false;

  uint32_t tick_ms = 50;
  uint32_t heartbeat_ticks = 1;
  uint32_t election_ticks = 10;
  uint32_t lease_clock_error_ticks = 0;
  uint64_t max_inflight_mib = 8;

  uint64_t snapshot_entries = 1'000'000;
  uint64_t snapshot_log_mib = 64;
  uint64_t retained_log_mib = 16;
  uint64_t snapshot_mib_per_s = 80;
  uint64_t disk_reserve_mib = 64;
  uint32_t hand_over_ms = 5000;

  // Adds an option for each; `command` must not outlive this object.
  void AddTo(CLI::App& command);

  // kInvalidArgument naming flag, expectation and value; what it returns has been validated.
  absl::StatusOr<ReplicaServerOptions> Parse() const;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_DAEMON_SERVE_FLAGS_H_
