#include "raft/runtime/applier.h"

#include <glog/logging.h>

#include "raft/core/mutation.h"

namespace blixard::raft {
namespace {

// Writes outcomes into the proposals of a batch.
class BatchOutcomes : public OutcomeSink {
 public:
  explicit BatchOutcomes(ProposalBatch& batch) : batch_(batch) {}

  void Set(size_t position, absl::string_view outcome) override {
    CHECK_LT(position, batch_.proposals.size())
        << "no such proposal in entry " << batch_.entry.index;
    batch_.proposals[position]->outcome.assign(outcome.data(), outcome.size());
  }

 private:
  ProposalBatch& batch_;
};

class DroppedOutcomes : public OutcomeSink {
 public:
  void Set(size_t, absl::string_view) override {}
};

}  // namespace

void Applier::Run(ApplyWork& work) {
  if (failure_.ok() && work.restore.has_value()) failure_ = Restore(*work.restore);
  work.status = failure_;
  if (!failure_.ok()) return;
  for (ApplyItem& item : work.items) ApplyOne(item);
  latencies_.Record(Stage::kApply,
                    {.begin_ns = work.given_ns, .end_ns = latencies_.NowNanoseconds()});
  work.applied = last_;
  if (work.freeze) work.view = state_machine_.Freeze();
}

// The beginning of a group has no data: an empty state machine is that state already.
absl::Status Applier::Restore(const OpenedSnapshot& snapshot) {
  CHECK_GE(snapshot.last.index, last_.index) << "a snapshot takes back what was applied";
  if (!snapshot.data.ok()) return snapshot.data.status();
  if (*snapshot.data != nullptr) {
    absl::Status restored = state_machine_.Restore(**snapshot.data);
    if (!restored.ok()) return restored;
  }
  SetApplied(snapshot.last);
  return absl::OkStatus();
}

void Applier::ApplyOne(ApplyItem& item) {
  const Entry& entry = item.entry;
  CHECK_EQ(entry.index, last_.index + 1) << "entries are applied in order, once";
  if (Mutated(Mutation::kS24AnswersBeforeApply) && item.batch) {
    item.batch->End(ProposalEnd::kCommitted);
    item.batch.Reset();
  }
  if (entry.type == EntryType::kCommand) {
    if (item.batch) {
      BatchOutcomes outcomes(*item.batch);
      state_machine_.Apply(entry.id(), entry.payload.view(), outcomes);
    } else {
      DroppedOutcomes outcomes;
      state_machine_.Apply(entry.id(), entry.payload.view(), outcomes);
    }
  }
  SetApplied(entry.id());
  entries_applied_.store(entries_applied() + 1, std::memory_order_relaxed);
  if (!item.batch) return;
  const uint64_t now_ns = latencies_.NowNanoseconds();
  for (const memory::Pooled<RaftProposal>& proposal : item.batch->proposals) {
    latencies_.Record(Stage::kAnswer, {.begin_ns = proposal->queued_ns, .end_ns = now_ns});
  }
  item.batch->End(ProposalEnd::kCommitted);
  item.batch.Reset();
}

void Applier::SetApplied(EntryId last) {
  last_ = last;
  applied_.store(last.index.value, std::memory_order_release);
}

}  // namespace blixard::raft
