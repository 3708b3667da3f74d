#include "scheduler/replicated/placement_planner.h"

#include <glog/logging.h>

#include <optional>
#include <variant>

#include "absl/status/statusor.h"
#include "scheduler/core/placement.h"
#include "scheduler/replicated/judge.h"
#include "scheduler/replicated/request.h"

namespace blixard::scheduler {
namespace {

// The two enumerations agree where both have a value.
CommandOp CommandOpOf(RequestOp op) { return static_cast<CommandOp>(op); }
static_assert(static_cast<int>(RequestOp::kRegisterNode) ==
              static_cast<int>(CommandOp::kRegisterNode));
static_assert(static_cast<int>(RequestOp::kRemoveNode) == static_cast<int>(CommandOp::kRemoveNode));
static_assert(static_cast<int>(RequestOp::kCreateVm) == static_cast<int>(CommandOp::kCreateVm));
static_assert(static_cast<int>(RequestOp::kDeleteVm) == static_cast<int>(CommandOp::kDeleteVm));

void PutPlacement(const Placement& placement, Command& command) {
  if (const auto* decision = std::get_if<PlacementDecision>(&placement)) {
    command.node = decision->node;
    command.registration = decision->registration;
  } else {
    command.no_fit = std::get<NoFit>(placement);
  }
}

}  // namespace

PlacementPlanner::PlacementPlanner(const PlacementStateMachine& applied)
    : applied_(applied), planned_(applied) {}

void PlacementPlanner::BeginTerm(raft::Term term) {
  CHECK_GT(term, raft::Term{});
  planned_.CopyApplied();
  term_ = term;
  compared_ = raft::LogIndex{};
}

void PlacementPlanner::EndTerm() {
  planned_.Clear();
  term_ = raft::Term{};
}

size_t PlacementPlanner::Plan(raft::LogIndex index, absl::Span<const absl::string_view> requests,
                              memory::Buffer& payload) {
  CHECK_GT(term_, raft::Term{}) << "entry " << index << " planned outside of a term";
  CHECK(!requests.empty());
  planned_.BeginEntry(index);
  CommandWriter writer(payload);
  size_t taken = 0;
  for (absl::string_view request : requests) {
    const Command command = Decide(request);
    if (taken == 0) AppendComparison(command, writer);
    if (!writer.Fits(command)) break;
    CarryOut(command, planned_);
    writer.Append(command);
    ++taken;
  }
  CHECK_GT(taken, 0u) << "no request fits a payload of " << payload.capacity() << " bytes";
  return taken;
}

Command PlacementPlanner::Decide(absl::string_view bytes) const {
  const absl::StatusOr<Request> request = DecodeRequest(bytes);
  if (!request.ok()) return {.op = CommandOp::kInvalid};
  Command command = {.op = CommandOpOf(request->op),
                     .request_id = request->id,
                     .name = request->name,
                     .resources = request->resources};
  if (request->op == RequestOp::kCreateVm) {
    PutPlacement(PlaceBestFit(planned_.inventory(), request->resources), command);
  }
  return command;
}

void PlacementPlanner::AppendComparison(const Command& first, CommandWriter& writer) {
  const std::optional<Checkpoint> latest = applied_.latest_checkpoint();
  if (!latest || latest->index <= compared_) return;
  const Command comparison = {.op = CommandOp::kCompareDigest, .checkpoint = *latest};
  const size_t wanted = EncodedCommandBytes(comparison) + EncodedCommandBytes(first);
  if (wanted > writer.bytes_left()) return;  // an entry with more room takes it
  writer.Append(comparison);
  compared_ = latest->index;
}

}  // namespace blixard::scheduler
