// Sends the requests of a trace through the public client, many at a time, and remembers what was
// acknowledged.
#ifndef BLIXARD_RPC_CLI_REPLAY_H_
#define BLIXARD_RPC_CLI_REPLAY_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "rpc/client/placement_client.h"
#include "scheduler/traces/events.h"
#include "scheduler/traces/trace.h"

namespace blixard::rpc {

// What the client knows of one VM of the trace. kUnknown: a request for it ended without an answer,
// so it may or may not be there.
enum class VmFate : uint8_t { kNotAsked, kPlaced, kRejected, kDeleted, kFailed, kUnknown };

// Why a VM was rejected: it is larger than every node even when empty, or else the resource that
// most nodes lacked.
enum class RejectReason : uint8_t { kVcpu, kMemory, kDisk, kNoNodes, kTooLarge };
inline constexpr size_t kRejectReasons = 5;

struct ReplayedVm {
  VmFate fate = VmFate::kNotAsked;
  uint64_t vm_id = 0;    // kPlaced
  uint32_t node_id = 0;  // kPlaced
};

// One answered create or delete.
enum class ReplayedKind : uint8_t { kPlaced, kRejected, kDeleted, kFailed };
struct ReplayedRequest {
  ReplayedKind kind = ReplayedKind::kFailed;
  float latency_us = 0;   // from send to answer, retries included
  float answered_at = 0;  // seconds since the replay began
};

struct ReplayLog {
  std::vector<ReplayedVm> vms;  // as in Trace::vms
  std::vector<ReplayedRequest> requests;
  uint32_t requested = 0;  // creates
  uint32_t placed = 0;
  uint32_t rejected[kRejectReasons] = {};
  uint32_t deleted = 0;
  uint32_t failed = 0;  // creates and deletes
  std::string first_failure;
  double seconds = 0;
};

struct ReplayOptions {
  size_t outstanding = 256;  // requests under way at once
  // Called now and then with the number of requests answered; from the replaying thread.
  std::function<void(size_t answered, size_t all)> progress;
};

// Registers `nodes`; one that is registered already counts as done.
absl::Status RegisterNodes(PlacementClient& client,
                           absl::Span<const scheduler::traces::NodeSpec> nodes, size_t outstanding);

// Requests go out in the order of the trace, except that a VM's delete waits for the answer to its
// create. Returns when all are answered. What fails is counted, and does not stop the rest.
ReplayLog ReplayTrace(PlacementClient& client, const scheduler::traces::Trace& trace,
                      const ReplayOptions& options);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_REPLAY_H_
