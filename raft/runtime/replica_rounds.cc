// Rounds of a replica's protocol and the work they give out, in its own thread or in one that was
// lent.
#include <chrono>
#include <memory>
#include <utility>

#include "raft/runtime/replica.h"

namespace blixard::raft {
namespace {

using Clock = std::chrono::steady_clock;

// Entries up to this many bytes are applied by whoever runs the protocol when nothing else waits.
constexpr size_t kAloneBytes = 512;

// What a thread of a transport may be kept with.
constexpr int kMaxLentRounds = 4;
constexpr size_t kMaxLentBytes = 4096;  // of a message's payloads

bool IsSmall(const ApplyWorks& works) {
  size_t bytes = 0;
  for (const std::unique_ptr<ApplyWork>& work : works) {
    if (work->restore.has_value() || work->freeze || work->items.size() > 2) return false;
    bytes += work->payload_bytes;
  }
  return bytes <= kAloneBytes;
}

}  // namespace

void Replica::Deliver(memory::Pooled<Message> message) {
  size_t bytes = 0;
  for (const Entry& entry : message->entries) bytes += entry.payload.size();
  if (bytes > kMaxLentBytes) return Receive(std::move(message));
  if (inbox_.PushMessageQuietly(std::move(message))) return;
  dropped_queue_full_.fetch_add(1, std::memory_order_relaxed);
}

void Replica::CarryOut() {
  if (!inbox_.TryTake(lent_batch_)) return;
  int rounds = 0;
  do {
    RoundAndWork(lent_batch_);
    AnswerStatus();
    if (!failure_.ok()) inbox_.Wake();  // for the own thread to end with
  } while (inbox_.TakeMore(loop_.wants(), failure_.ok() && ++rounds < kMaxLentRounds, lent_batch_));
}

// The clock is read after the batch was taken: a lease that holds at that moment answers its reads
// rightly, however long this thread is held up afterwards.
void Replica::RoundAndWork(Inbox::Batch& batch) {
  const TickCounter::Passed passed = ticks_.CountUntil(Clock::now());
  failure_ = loop_.Round(batch, passed.ticks, passed.missed);
  while (failure_.ok() && Dispatch(batch)) failure_ = loop_.Round(batch, 0);
  leader_.store(static_cast<uint64_t>(loop_.node().leader()), std::memory_order_release);
}

// Carries out what the loop gave out, or has it carried out. True when `batch` holds completions.
bool Replica::Dispatch(Inbox::Batch& batch) {
  AppendWorks& appends = loop_.appends();
  if (!appends.empty()) {
    const auto write = [this](AppendWorks& works) {
      return writer_.Write(works) == LogWriter::Outcome::kDone;
    };
    if (!inbox_.busy() && loop_.appends_are_alone() && storage_lane_.TryRunHere(appends, write)) {
      batch.appended.swap(appends);
    } else {
      storage_lane_.Submit(appends);
    }
  }
  ApplyWorks& applies = loop_.applies();
  if (!applies.empty()) {
    const auto apply = [this](ApplyWorks& works) {
      for (std::unique_ptr<ApplyWork>& work : works) applier_.Run(*work);
      return true;
    };
    if (IsSmall(applies) && loop_.applies_are_alone() && apply_lane_.TryRunHere(applies, apply)) {
      batch.applied.swap(applies);
    } else {
      apply_lane_.Submit(applies);
    }
  }
  DispatchSnapshots();
  return !batch.appended.empty() || !batch.applied.empty();
}

void Replica::DispatchSnapshots() {
  SnapshotOrders& orders = loop_.snapshot_orders();
  if (orders.empty()) return;
  SnapshotOrders to_save;
  for (SnapshotOrder& order : orders) {
    if (order.kind == SnapshotOrder::Kind::kSend) {
      courier_->Send(std::move(order));
    } else {
      to_save.push_back(std::move(order));
    }
  }
  orders.clear();
  saver_lane_->Submit(to_save);
}

}  // namespace blixard::raft
