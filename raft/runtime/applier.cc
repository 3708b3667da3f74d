#include "raft/runtime/applier.h"

#include <glog/logging.h>

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
  for (ApplyItem& item : work.items) ApplyOne(item);
}

void Applier::ApplyOne(ApplyItem& item) {
  const Entry& entry = item.entry;
  CHECK_EQ(entry.index, applied() + 1) << "entries are applied in order, once";
  if (entry.type == EntryType::kCommand) {
    if (item.batch) {
      BatchOutcomes outcomes(*item.batch);
      state_machine_.Apply(entry.id(), entry.payload.view(), outcomes);
    } else {
      DroppedOutcomes outcomes;
      state_machine_.Apply(entry.id(), entry.payload.view(), outcomes);
    }
  }
  applied_.store(entry.index.value, std::memory_order_release);
  entries_applied_.fetch_add(1, std::memory_order_relaxed);
  if (item.batch) item.batch->End(ProposalEnd::kCommitted);
  item.batch.Reset();
}

}  // namespace blixard::raft
