// What a command does to a state: the one place that knows. The leader's planner runs it on the
// state it plans ahead, every replica runs it on the state it has applied, so the two cannot
// disagree.
//
// State is ClusterState or PlannedState; it offers FindOutcome, FindVm, inventory, vm_count,
// next_vm_id and limits to ask, and AddNode, RemoveNode, CreateVm, DeleteVm and RecordOutcome to
// change it.
#ifndef BLIXARD_SCHEDULER_REPLICATED_JUDGE_H_
#define BLIXARD_SCHEDULER_REPLICATED_JUDGE_H_

#include <glog/logging.h>

#include <optional>

#include "scheduler/core/inventory.h"
#include "scheduler/core/shortage.h"
#include "scheduler/core/types.h"
#include "scheduler/replicated/command.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/vm_table.h"

namespace blixard::scheduler {

template <class State>
Outcome JudgeRegisterNode(const Command& command, const State& state) {
  const Inventory& inventory = state.inventory();
  if (inventory.Find(command.name) != kNoNode) return {.code = OutcomeCode::kAlreadyExists};
  if (inventory.node_count() >= state.limits().max_nodes) {
    return {.code = OutcomeCode::kLimitReached};
  }
  return {.code = OutcomeCode::kOk, .node_id = inventory.next_node_id()};
}

template <class State>
Outcome JudgeRemoveNode(const Command& command, const State& state) {
  const NodeId node = state.inventory().Find(command.name);
  if (node == kNoNode) return {.code = OutcomeCode::kNotFound};
  if (state.inventory().vm_count(node) > 0) return {.code = OutcomeCode::kNodeNotEmpty};
  return {.code = OutcomeCode::kOk, .node_id = node};
}

// Whether the decision still holds: the node it was made for is there and has room.
inline bool DecisionHolds(const Command& command, const Inventory& inventory) {
  return inventory.CheckFit(command.node, command.resources) == Shortage::kNone &&
         inventory.registration(command.node) == command.registration;
}

template <class State>
Outcome JudgeCreateVm(const Command& command, const State& state) {
  if (state.FindVm(command.name)) return {.code = OutcomeCode::kAlreadyExists};
  if (state.vm_count() >= state.limits().max_vms) return {.code = OutcomeCode::kLimitReached};
  if (command.node == kNoNode) return {.code = OutcomeCode::kNoFit, .no_fit = command.no_fit};
  if (!DecisionHolds(command, state.inventory())) return {.code = OutcomeCode::kConflict};
  return {.code = OutcomeCode::kOk, .node_id = command.node, .vm_id = state.next_vm_id()};
}

template <class State>
Outcome JudgeDeleteVm(const Command& command, const State& state) {
  const std::optional<VmPlacement> vm = state.FindVm(command.name);
  if (!vm) return {.code = OutcomeCode::kNotFound};
  return {.code = OutcomeCode::kOk, .node_id = vm->node, .vm_id = vm->id};
}

// The outcome of a command that was not carried out before. Changes nothing.
template <class State>
Outcome Judge(const Command& command, const State& state) {
  switch (command.op) {
    case CommandOp::kRegisterNode:
      return JudgeRegisterNode(command, state);
    case CommandOp::kRemoveNode:
      return JudgeRemoveNode(command, state);
    case CommandOp::kCreateVm:
      return JudgeCreateVm(command, state);
    case CommandOp::kDeleteVm:
      return JudgeDeleteVm(command, state);
    case CommandOp::kInvalid:
      return {.code = OutcomeCode::kInvalid};
    case CommandOp::kCompareDigest:
      break;
  }
  LOG(FATAL) << "op " << static_cast<int>(command.op) << " has no outcome";
}

// Changes the state as Judge's `outcome` says.
template <class State>
void Perform(const Command& command, const Outcome& outcome, State& state) {
  if (outcome.code != OutcomeCode::kOk) return;
  switch (command.op) {
    case CommandOp::kRegisterNode:
      CHECK_EQ(state.AddNode(command.name, command.resources), outcome.node_id);
      return;
    case CommandOp::kRemoveNode:
      return state.RemoveNode(outcome.node_id);
    case CommandOp::kCreateVm:
      return state.CreateVm(
          command.name,
          {.id = outcome.vm_id, .node = outcome.node_id, .resources = command.resources});
    case CommandOp::kDeleteVm:
      return state.DeleteVm(command.name, *state.FindVm(command.name));
    case CommandOp::kInvalid:
    case CommandOp::kCompareDigest:
      break;
  }
  LOG(FATAL) << "op " << static_cast<int>(command.op) << " cannot be performed";
}

// Judges, performs and remembers the outcome. A request that was carried out before gets its first
// outcome and changes nothing; one that could not be decoded has no id to remember it by.
template <class State>
Outcome CarryOut(const Command& command, State& state) {
  if (command.op == CommandOp::kInvalid) return Judge(command, state);
  if (const std::optional<Outcome> first = state.FindOutcome(command.request_id)) return *first;
  const Outcome outcome = Judge(command, state);
  Perform(command, outcome, state);
  state.RecordOutcome(command.request_id, outcome);
  return outcome;
}

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_JUDGE_H_
