// What stands in an entry: a batch of decisions. Requests ask, commands tell; replicas only judge
// whether a command still holds (judge.h) and carry it out.
//
// Payload: "BXC", format version (1 byte), number of commands (4), then each command: op (1) and
//   kRegisterNode: request id (16), name (1 + n), capacity (12)
//   kRemoveNode:   request id, name
//   kCreateVm:     request id, name, want (12), node id (4), then if that is 0 the four NoFit
//   counts (16),
//                  else the node's registration (8)
//   kDeleteVm:     request id, name
//   kInvalid:      nothing: a request that could not be decoded keeps its position in the batch
//   kCompareDigest: log index (8), digest (16)
// Numbers are little-endian.
#ifndef BLIXARD_SCHEDULER_REPLICATED_COMMAND_H_
#define BLIXARD_SCHEDULER_REPLICATED_COMMAND_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"
#include "scheduler/core/inventory.h"
#include "scheduler/core/no_fit.h"
#include "scheduler/core/resources.h"
#include "scheduler/core/types.h"
#include "scheduler/replicated/request.h"
#include "scheduler/replicated/state_digest.h"

namespace blixard::scheduler {

enum class CommandOp : uint8_t {
  kRegisterNode = 1,
  kRemoveNode = 2,
  kCreateVm = 3,
  kDeleteVm = 4,
  kInvalid = 5,
  kCompareDigest = 6,  // no request: has no position in the batch and no outcome
};

// The state after the entry at `index`, in short.
struct Checkpoint {
  raft::LogIndex index{};
  StateDigest digest{};

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

struct Command {
  CommandOp op = CommandOp::kInvalid;
  RequestId request_id{};
  absl::string_view name{};  // of the node or VM; not owned
  Resources resources{};     // capacity of the node, or what the VM wants
  // kCreateVm, the decision: a node and its registration, or no node and why.
  NodeId node = kNoNode;
  RegistrationId registration = kNoRegistration;
  NoFit no_fit{};
  Checkpoint checkpoint{};  // kCompareDigest

  friend bool operator==(const Command&, const Command&) = default;
};

inline constexpr uint8_t kCommandFormatVersion = 1;
inline constexpr size_t kCommandHeaderBytes = 8;
// The largest command; a payload of kCommandHeaderBytes more than this holds any one command.
inline constexpr size_t kMaxCommandBytes = 1 + 16 + 1 + kMaxNameBytes + 12 + 4 + 16;

size_t EncodedCommandBytes(const Command& command);

// Writes a batch into a buffer that it has to itself. Never allocates.
class CommandWriter {
 public:
  // Overwrites what `payload` held; it must outlive the writer. CHECKs that the header fits.
  explicit CommandWriter(memory::Buffer& payload);

  bool Fits(const Command& command) const { return EncodedCommandBytes(command) <= bytes_left(); }

  // CHECKs that it fits.
  void Append(const Command& command);

  size_t count() const { return count_; }
  size_t bytes_left() const { return payload_.capacity() - payload_.size(); }

 private:
  memory::Buffer& payload_;
  uint32_t count_ = 0;
};

// Decodes in place: names point into the payload, and nothing is allocated but the text of an
// error. Anything that CommandWriter would not have written is kDataLoss; after it the reader is
// spent.
class CommandReader {
 public:
  // Reads the header.
  static absl::StatusOr<CommandReader> Open(absl::string_view payload);

  bool HasNext() const { return remaining_ > 0; }

  // CHECKs HasNext(). The last command must end where the payload does.
  absl::StatusOr<Command> Next();

  size_t remaining() const { return remaining_; }

 private:
  CommandReader(absl::string_view rest, uint32_t remaining) : rest_(rest), remaining_(remaining) {}

  absl::string_view rest_;
  uint32_t remaining_;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_COMMAND_H_
