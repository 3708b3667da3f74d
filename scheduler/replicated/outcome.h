// What applying a command gave; travels from the state machine to the client that asked.
#ifndef BLIXARD_SCHEDULER_REPLICATED_OUTCOME_H_
#define BLIXARD_SCHEDULER_REPLICATED_OUTCOME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <type_traits>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "scheduler/core/no_fit.h"
#include "scheduler/core/types.h"

namespace blixard::scheduler {

enum class OutcomeCode : uint8_t {
  kOk = 1,
  kNoFit = 2,          // a create found no node; no_fit says why
  kAlreadyExists = 3,  // another node or VM has the name
  kNotFound = 4,       // no node or VM has the name
  kNodeNotEmpty = 5,   // VMs are placed on the node
  kConflict = 6,       // the decision did not hold when it was applied; nothing changed, ask again
                       // with a new request id
  kInvalid = 7,        // the request could not be decoded; nothing was recorded
  kLimitReached = 8,   // the cluster holds as many nodes or VMs as it may (ClusterLimits)
};
absl::string_view OutcomeCodeName(OutcomeCode code);

struct Outcome {
  OutcomeCode code = OutcomeCode::kInvalid;
  NodeId node_id = kNoNode;  // kOk: the node registered, removed, or that the VM is or was on
  VmId vm_id = kNoVm;        // kOk of a create or delete
  NoFit no_fit{};            // kNoFit

  friend bool operator==(const Outcome&, const Outcome&) = default;
};
static_assert(std::is_trivially_copyable_v<Outcome>);
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

// Little-endian: code, node_id, vm_id, the four counts.
inline constexpr size_t kOutcomeBytes = 1 + 4 + 8 + 4 * 4;

std::array<char, kOutcomeBytes> EncodeOutcome(const Outcome& outcome);

// kInvalidArgument for a length or code that EncodeOutcome would not have written.
absl::StatusOr<Outcome> DecodeOutcome(absl::string_view bytes);

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_OUTCOME_H_
