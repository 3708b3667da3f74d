#include "scheduler/replicated/placement_state_machine.h"

#include <glog/logging.h>

#include <algorithm>

#include "absl/status/statusor.h"
#include "scheduler/replicated/judge.h"
#include "scheduler/replicated/state_snapshot.h"

namespace blixard::scheduler {
namespace {

VmDetails DetailsOf(const Vm& vm, const Inventory& inventory) {
  return {.id = vm.placement.id,
          .name = vm.name,
          .resources = vm.placement.resources,
          .node = vm.placement.node,
          .node_name = InlineName(inventory.node(vm.placement.node).name)};
}

NodeDetails DetailsOf(const NodeView& node) {
  return {.id = node.id,
          .name = InlineName(node.name),
          .capacity = node.capacity,
          .used = node.used,
          .vms = node.vm_count};
}

// Where a page starts: tokens are slots or node ids, and past the end of either anything is the
// end.
uint32_t StartOf(const PageRequest& page) {
  CHECK_GT(page.page_size, 0u);
  return static_cast<uint32_t>(std::min<uint64_t>(page.page_token, SlotSet::kMaxSlots));
}

class FrozenState : public raft::StateView {
 public:
  explicit FrozenState(StateImage image) : image_(std::move(image)) {}
  absl::Status WriteTo(raft::SnapshotSink& sink) override { return WriteState(image_, sink); }

 private:
  const StateImage image_;
};

}  // namespace

PlacementStateMachine::PlacementStateMachine(const PlacementOptions& options)
    : options_(options),
      state_(std::make_unique<ClusterState>(options.limits)),
      checkpoints_(options.checkpoint_interval) {}

void PlacementStateMachine::Apply(raft::EntryId id, absl::string_view payload,
                                  raft::OutcomeSink& outcomes) {
  outcomes_.clear();
  {
    const std::unique_lock lock(mutex_);
    CHECK_GT(id.index, applied_) << "entry applied twice or out of order";
    ApplyBatch(id, payload);
    if (checkpoints_.IsCheckpoint({.before = applied_, .index = id.index})) {
      checkpoints_.Add({.index = id.index, .digest = state_->digest()});
    }
    applied_ = id.index;
  }
  for (size_t position = 0; position < outcomes_.size(); ++position) {
    const auto bytes = EncodeOutcome(outcomes_[position]);
    outcomes.Set(position, {bytes.data(), bytes.size()});
  }
}

void PlacementStateMachine::ApplyBatch(raft::EntryId id, absl::string_view payload) {
  absl::StatusOr<CommandReader> commands = CommandReader::Open(payload);
  CHECK(commands.ok()) << "entry " << id.index << " of term " << id.term << ": "
                       << commands.status();
  while (commands->HasNext()) {
    const absl::StatusOr<Command> command = commands->Next();
    CHECK(command.ok()) << "entry " << id.index << " of term " << id.term << ": "
                        << command.status();
    if (command->op == CommandOp::kCompareDigest) {
      Compare(command->checkpoint);
    } else {
      outcomes_.push_back(CarryOut(*command, *state_));
    }
  }
}

void PlacementStateMachine::Compare(const Checkpoint& theirs) const {
  const std::optional<StateDigest> ours = checkpoints_.FindDigest(theirs.index);
  if (!ours) return;  // forgotten: the comparison took more than CheckpointRing::kKept checkpoints
  CHECK(*ours == theirs.digest) << "replicas differ after entry " << theirs.index
                                << ": this one's state digest is " << *ours << ", the leader's was "
                                << theirs.digest;
}

std::unique_ptr<raft::StateView> PlacementStateMachine::Freeze() {
  // No lock: only the caller's thread changes the state, and readers may look on.
  return std::make_unique<FrozenState>(
      StateImage{.cluster = state_->Freeze(), .checkpoints = checkpoints_, .applied = applied_});
}

absl::Status PlacementStateMachine::Restore(raft::SnapshotSource& source) {
  absl::StatusOr<RestoredState> restored = ReadState(
      source, {.limits = options_.limits, .checkpoint_interval = options_.checkpoint_interval});
  if (!restored.ok()) return restored.status();
  const std::unique_lock lock(mutex_);
  state_ = std::move(restored->cluster);
  checkpoints_ = restored->checkpoints;
  applied_ = restored->applied;
  return absl::OkStatus();
}

VmReading PlacementStateMachine::FindVm(absl::string_view name) const {
  const std::shared_lock lock(mutex_);
  VmReading reading{.vm = std::nullopt, .applied_index = applied_};
  const uint32_t slot = state_->vms().Find(name);
  if (slot != VmTable::kNoSlot) {
    reading.vm = DetailsOf(state_->vms().at(slot), state_->inventory());
  }
  return reading;
}

PageEnd PlacementStateMachine::ListVms(const PageRequest& page,
                                       absl::FunctionRef<void(const VmDetails&)> visit) const {
  const std::shared_lock lock(mutex_);
  uint32_t slot = state_->vms().NextTaken(StartOf(page));
  for (uint32_t shown = 0; shown < page.page_size && slot != VmTable::kNoSlot; ++shown) {
    visit(DetailsOf(state_->vms().at(slot), state_->inventory()));
    slot = state_->vms().NextTaken(slot + 1);
  }
  return {.next_page_token = slot == VmTable::kNoSlot ? 0 : slot, .applied_index = applied_};
}

PageEnd PlacementStateMachine::ListNodes(const PageRequest& page,
                                         absl::FunctionRef<void(const NodeDetails&)> visit) const {
  const std::shared_lock lock(mutex_);
  const Inventory& inventory = state_->inventory();
  NodeId id = inventory.FirstNodeAtOrAfter(NodeId{StartOf(page)});
  for (uint32_t shown = 0; shown < page.page_size && id != kNoNode; ++shown) {
    visit(DetailsOf(inventory.node(id)));
    id = inventory.FirstNodeAtOrAfter(NodeId{static_cast<uint32_t>(id) + 1});
  }
  return {.next_page_token = static_cast<uint32_t>(id), .applied_index = applied_};
}

StateSummary PlacementStateMachine::Summary() const {
  const std::shared_lock lock(mutex_);
  return {.applied_index = applied_,
          .digest = state_->digest(),
          .nodes = static_cast<uint32_t>(state_->inventory().node_count()),
          .vms = state_->vm_count()};
}

raft::LogIndex PlacementStateMachine::applied_index() const {
  const std::shared_lock lock(mutex_);
  return applied_;
}

std::optional<Checkpoint> PlacementStateMachine::latest_checkpoint() const {
  const std::shared_lock lock(mutex_);
  return checkpoints_.latest();
}

}  // namespace blixard::scheduler
