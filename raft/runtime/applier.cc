#include "raft/runtime/applier.h"

#include <glog/logging.h>

#include <iterator>
#include <utility>

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

Applier::Applier(StateMachine& state_machine, std::function<void()> on_applied)
    : state_machine_(state_machine),
      on_applied_(std::move(on_applied)),
      thread_([this] { Run(); }) {}

Applier::~Applier() { Stop(); }

void Applier::Submit(absl::Span<ApplyItem> items, bool alone) {
  std::unique_lock lock(mutex_);
  CHECK(!stop_) << "Submit after Stop";
  if (alone && queue_.empty() && !applying_) {
    applying_ = true;
    lock.unlock();
    Apply(items);
    lock.lock();
    applying_ = false;
    if (!queue_.empty() || stop_) work_.notify_one();
    return;
  }
  queue_.insert(queue_.end(), std::make_move_iterator(items.begin()),
                std::make_move_iterator(items.end()));
  if (!applying_) work_.notify_one();
}

void Applier::NotifyWhenApplied(LogIndex index) {
  // The store and the load below pair with those of Apply: either this thread sees the new applied
  // index or the applying thread sees the request, so no notification is lost.
  notify_at_.store(index.value, std::memory_order_seq_cst);
  if (applied_.load(std::memory_order_seq_cst) < index.value) return;
  if (notify_at_.exchange(UINT64_MAX) != UINT64_MAX) on_applied_();
}

void Applier::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
    work_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Applier::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return !applying_ && (!queue_.empty() || stop_); });
    if (queue_.empty()) return;
    taken_.swap(queue_);
    applying_ = true;
    lock.unlock();
    Apply(absl::MakeSpan(taken_));
    taken_.clear();
    lock.lock();
    applying_ = false;
  }
}

void Applier::Apply(absl::Span<ApplyItem> items) {
  for (ApplyItem& item : items) ApplyOne(item);
  if (applied_.load(std::memory_order_seq_cst) < notify_at_.load(std::memory_order_seq_cst)) return;
  if (notify_at_.exchange(UINT64_MAX) != UINT64_MAX) on_applied_();
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
  applied_.store(entry.index.value, std::memory_order_seq_cst);
  entries_applied_.fetch_add(1, std::memory_order_relaxed);
  bytes_applied_.fetch_add(entry.payload.size(), std::memory_order_relaxed);
  if (item.batch) item.batch->End(ProposalEnd::kCommitted);
  item = ApplyItem{};
}

}  // namespace blixard::raft
