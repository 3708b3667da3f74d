// A request as rpc hands it to raft: a question, not yet a decision. The leader's planner turns it
// into a Command (command.h); only commands stand in the log.
#ifndef BLIXARD_SCHEDULER_REPLICATED_REQUEST_H_
#define BLIXARD_SCHEDULER_REPLICATED_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "scheduler/core/names.h"
#include "scheduler/core/resources.h"

namespace blixard::scheduler {

// Names one request of one client; carried out once however often it is sent (Raft paper, section
// 8).
struct RequestId {
  uint64_t client_id = 0;  // random, not 0, one for each client process
  uint64_t sequence = 0;   // counts the client's requests from 1

  friend bool operator==(const RequestId&, const RequestId&) = default;
};
std::ostream& operator<<(std::ostream& out, const RequestId& id);

enum class RequestOp : uint8_t {
  kRegisterNode = 1,
  kRemoveNode = 2,
  kCreateVm = 3,
  kDeleteVm = 4,
};

struct Request {
  RequestOp op = RequestOp::kCreateVm;
  RequestId id{};
  absl::string_view name{};  // of the node or VM; not owned
  Resources resources{};     // kRegisterNode: capacity; kCreateVm: what the VM wants; else not used
};

// kInvalidArgument naming the field as rpc/proto/placement.proto does, expectation and value.
absl::Status ValidateRequest(const Request& request);

// op, client_id, sequence, length of the name, name, and for the two that have them resources.
inline constexpr size_t kMaxRequestBytes = 1 + 8 + 8 + 1 + kMaxNameBytes + 3 * 4;

size_t EncodedRequestBytes(const Request& request);

// Writes EncodedRequestBytes() bytes to the front of `out` and returns how many that were. CHECKs
// that they fit and that the request is valid. Never allocates.
size_t EncodeRequest(const Request& request, absl::Span<char> out);

// The same, appended.
void EncodeRequest(const Request& request, std::string* out);

// The name in the request that comes back points into `bytes`. kInvalidArgument for anything
// EncodeRequest would not have written.
absl::StatusOr<Request> DecodeRequest(absl::string_view bytes);

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_REQUEST_H_
