#include "raft/runtime/proposal_pipeline.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "raft/core/mutation.h"
#include "raft/runtime/pool_budgets.h"

namespace blixard::raft {
namespace {

// Requests looked at for one entry; the rest of the backlog goes into the next ones.
constexpr size_t kMaxRequestsPerEntry = 1024;

}  // namespace

ProposalPipeline::ProposalPipeline(const ReplicaConfig& config, RawNode& node, Planner& planner,
                                   StageLatencies& latencies)
    : config_(config),
      node_(node),
      planner_(planner),
      latencies_(latencies),
      batches_(kBatchBudget.pool, kBatchBudget.Configure({.min_size = 64})) {}

bool ProposalPipeline::wants_proposals() const {
  if (!backlog_.empty()) return false;
  return planning_ || node_.role() != Role::kLeader;
}

void ProposalPipeline::Take(std::vector<memory::Pooled<RaftProposal>>& proposals) {
  if (proposals.empty()) return;
  CHECK(backlog_.empty()) << "proposals are taken only when the last ones are done";
  backlog_.swap(proposals);
}

void ProposalPipeline::Run(const ApplyState& state) {
  FollowLeadership();
  if (led_term_.has_value() && !planning_ && state.applied >= caught_up_at_) {
    planner_.BeginTerm(*led_term_);
    planning_ = true;
  }
  ProposeBacklog(state);
}

// Another entry at the index of a pending one means that ours was lost; FollowLeadership, which
// comes before anything new is proposed, ends those.
memory::Pooled<ProposalBatch> ProposalPipeline::TakeBatchOf(EntryId entry) {
  if (pending_.empty()) return {};
  const EntryId first = pending_.front()->entry;
  const bool is_ours =
      Mutated(Mutation::kS11AnswersByIndex) ? first.index == entry.index : first == entry;
  if (!is_ours) return {};
  return pending_.pop_front();
}

void ProposalPipeline::EndAll() {
  RefuseBacklog();
  if (planning_) planner_.EndTerm();
  planning_ = false;
  EndPending();
}

void ProposalPipeline::FollowLeadership() {
  std::optional<Term> leads;
  if (node_.role() == Role::kLeader) leads = node_.term();
  if (leads == led_term_) return;
  if (led_term_.has_value()) EndTerm();
  led_term_ = leads;
  if (leads.has_value()) caught_up_at_ = node_.last_index();  // its own empty entry
}

// Decisions of a term die with it: what was not committed is answered "unknown", never proposed
// again.
void ProposalPipeline::EndTerm() {
  if (planning_) planner_.EndTerm();
  planning_ = false;
  if (!Mutated(Mutation::kS11AnswersByIndex)) EndPending();
}

void ProposalPipeline::EndPending() {
  while (!pending_.empty()) {
    memory::Pooled<ProposalBatch> batch = pending_.pop_front();
    if (!Mutated(Mutation::kL14ForgetsProposals)) batch->End(ProposalEnd::kUnknown);
  }
}

void ProposalPipeline::ProposeBacklog(const ApplyState& state) {
  if (!led_term_.has_value()) RefuseBacklog();
  while (planning_ && backlog_done_ < backlog_.size() && HasRoomForAnEntry(state)) ProposeEntry();
  if (backlog_done_ < backlog_.size()) return;
  backlog_.clear();
  backlog_done_ = 0;
}

// What is planned must also be appended, so everything that could fail is looked at before.
bool ProposalPipeline::HasRoomForAnEntry(const ApplyState& state) {
  if (state.waiting_bytes >= config_.max_unapplied_bytes) return false;
  if (node_.UncommittedBytesLeft() < config_.max_batch_bytes) return false;
  if (!next_batch_) next_batch_ = batches_.Acquire();
  if (!next_batch_) return false;
  if (scratch_ && scratch_.unique()) return true;
  absl::StatusOr<memory::Buffer> scratch =
      memory::BufferPool::Default().Acquire(config_.max_batch_bytes);
  if (!scratch.ok()) return false;
  scratch_ = *std::move(scratch);
  return true;
}

void ProposalPipeline::ProposeEntry() {
  memory::Pooled<ProposalBatch> batch = std::move(next_batch_);
  const uint64_t begun_ns = latencies_.NowNanoseconds();
  memory::Buffer payload = PlanPayload(*batch);
  batch->proposed_ns = latencies_.NowNanoseconds();
  latencies_.Record(Stage::kPlan, {.begin_ns = begun_ns, .end_ns = batch->proposed_ns});
  for (const memory::Pooled<RaftProposal>& proposal : batch->proposals) {
    latencies_.Record(Stage::kQueue, {.begin_ns = proposal->queued_ns, .end_ns = begun_ns});
  }
  absl::StatusOr<EntryId> entry = node_.Propose(std::move(payload));
  CHECK(entry.ok()) << "the room was there before planning: " << entry.status();
  batch->entry = *entry;
  proposals_ += batch->proposals.size();
  ++entries_;
  pending_.push_back(std::move(batch));
}

// Moves the planned proposals from the backlog into `batch`.
memory::Buffer ProposalPipeline::PlanPayload(ProposalBatch& batch) {
  const size_t end = std::min(backlog_.size(), backlog_done_ + kMaxRequestsPerEntry);
  requests_.clear();
  for (size_t i = backlog_done_; i < end; ++i) requests_.push_back(backlog_[i]->request);
  scratch_.Resize(0);
  const size_t taken = planner_.Plan(node_.last_index() + 1, requests_, scratch_);
  CHECK(taken >= 1 && taken <= requests_.size())
      << "planner took " << taken << " of " << requests_.size() << " requests";
  for (size_t i = 0; i < taken; ++i) {
    batch.proposals.push_back(std::move(backlog_[backlog_done_++]));
  }
  absl::StatusOr<memory::Buffer> payload =
      memory::BufferPool::Default().AcquireCopy(scratch_.view());
  return payload.ok() ? *std::move(payload) : scratch_;  // short of memory: give the large one away
}

void ProposalPipeline::RefuseBacklog() {
  for (; backlog_done_ < backlog_.size(); ++backlog_done_) {
    EndProposal(*backlog_[backlog_done_], ProposalEnd::kRefused);
  }
  backlog_.clear();
  backlog_done_ = 0;
}

}  // namespace blixard::raft
