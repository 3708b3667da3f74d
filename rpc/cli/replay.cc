#include "rpc/cli/replay.h"

#include <algorithm>
#include <semaphore>
#include <utility>

#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

using Clock = std::chrono::steady_clock;
using scheduler::traces::Event;
using scheduler::traces::EventKind;
using scheduler::traces::Trace;

constexpr auto kProgressInterval = std::chrono::milliseconds(100);

void FillIn(const scheduler::Resources& resources, v1::Resources* message) {
  message->set_vcpu_milli(resources.vcpu_milli);
  message->set_memory_mib(resources.memory_mib);
  message->set_disk_gib(resources.disk_gib);
}

bool FitsEmptyNode(const scheduler::Resources& vm, const Trace& trace) {
  return std::any_of(trace.nodes.begin(), trace.nodes.end(), [&vm](const auto& node) {
    return vm.vcpu_milli <= node.capacity.vcpu_milli && vm.memory_mib <= node.capacity.memory_mib &&
           vm.disk_gib <= node.capacity.disk_gib;
  });
}

RejectReason ReasonOf(const v1::NoFit& no_fit, bool fits_empty_node) {
  if (no_fit.nodes() == 0) return RejectReason::kNoNodes;
  if (!fits_empty_node) return RejectReason::kTooLarge;
  const uint32_t lacks[] = {no_fit.lack_vcpu(), no_fit.lack_memory(), no_fit.lack_disk()};
  return static_cast<RejectReason>(std::max_element(lacks, lacks + 3) - lacks);
}

// One run. The replaying thread sends, gRPC's threads take the answers; mutex_ is between them.
class Run {
 public:
  Run(PlacementClient& client, const Trace& trace, const ReplayOptions& options)
      : client_(client),
        trace_(trace),
        options_(options),
        events_(scheduler::traces::EventsInOrder(trace)),
        vms_(trace.vms.size()) {
    log_.vms.resize(trace.vms.size());
    log_.requests.reserve(events_.size());
  }

  ReplayLog Go() {
    std::unique_lock lock(mutex_);
    for (const Event& event : events_) {
      AwaitBelow(lock, options_.outstanding);
      if (event.kind == EventKind::kCreate) {
        StartCreate(lock, event.vm);
      } else {
        DeleteWhenCreated(lock, event.vm);
      }
    }
    AwaitBelow(lock, 1);
    log_.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    return std::move(log_);
  }

 private:
  struct Vm {
    bool create_answered = false;
    bool delete_wanted = false;  // while the create is under way
  };

  // Waits until fewer than `bound` requests are under way.
  void AwaitBelow(std::unique_lock<std::mutex>& lock, size_t bound) {
    while (under_way_ >= bound) {
      answered_.wait_for(lock, kProgressInterval);
      ShowProgress(lock);
    }
    ShowProgress(lock);
  }

  void ShowProgress(std::unique_lock<std::mutex>& lock) {
    if (!options_.progress || Clock::now() < next_progress_) return;
    next_progress_ = Clock::now() + kProgressInterval;
    const size_t answered = done_;
    lock.unlock();
    options_.progress(answered, events_.size());
    lock.lock();
  }

  // The client is called without the lock: it may answer from within.
  void StartCreate(std::unique_lock<std::mutex>& lock, uint32_t vm) {
    ++log_.requested;
    ++under_way_;
    lock.unlock();
    v1::CreateVmRequest request;
    request.set_name(trace_.vms[vm].name);
    FillIn(trace_.vms[vm].resources, request.mutable_resources());
    client_.CreateVm(std::move(request), [this, vm, sent = Clock::now()](
                                             const absl::StatusOr<v1::CreateVmResponse>& answer) {
      OnCreated(vm, sent, answer);
    });
    lock.lock();
  }

  void DeleteWhenCreated(std::unique_lock<std::mutex>& lock, uint32_t vm) {
    if (!vms_[vm].create_answered) {
      vms_[vm].delete_wanted = true;
      return;
    }
    if (log_.vms[vm].fate != VmFate::kPlaced) {
      ++done_;  // there is nothing to delete
      return;
    }
    ++under_way_;
    lock.unlock();
    StartDelete(vm);
    lock.lock();
  }

  void StartDelete(uint32_t vm) {
    v1::DeleteVmRequest request;
    request.set_name(trace_.vms[vm].name);
    client_.DeleteVm(std::move(request), [this, vm, sent = Clock::now()](
                                             const absl::StatusOr<v1::DeleteVmResponse>& answer) {
      OnDeleted(vm, sent, answer.status());
    });
  }

  void OnCreated(uint32_t vm, Clock::time_point sent,
                 const absl::StatusOr<v1::CreateVmResponse>& answer) {
    std::unique_lock lock(mutex_);
    vms_[vm].create_answered = true;
    Record(sent, RecordCreate(vm, answer));
    const bool placed = log_.vms[vm].fate == VmFate::kPlaced;
    if (vms_[vm].delete_wanted && placed) {
      lock.unlock();
      return StartDelete(vm);  // takes over this create's place among those under way
    }
    if (vms_[vm].delete_wanted) ++done_;
    End();
  }

  ReplayedKind RecordCreate(uint32_t vm, const absl::StatusOr<v1::CreateVmResponse>& answer) {
    ReplayedVm& replayed = log_.vms[vm];
    if (!answer.ok()) {
      replayed.fate = RecordFailure(answer.status());
      return ReplayedKind::kFailed;
    }
    if (!answer->has_placement()) {
      const bool fits_empty_node = FitsEmptyNode(trace_.vms[vm].resources, trace_);
      ++log_.rejected[static_cast<size_t>(ReasonOf(answer->no_fit(), fits_empty_node))];
      replayed.fate = VmFate::kRejected;
      return ReplayedKind::kRejected;
    }
    ++log_.placed;
    replayed = {.fate = VmFate::kPlaced,
                .vm_id = answer->placement().vm_id(),
                .node_id = answer->placement().node_id()};
    return ReplayedKind::kPlaced;
  }

  void OnDeleted(uint32_t vm, Clock::time_point sent, const absl::Status& answer) {
    std::lock_guard lock(mutex_);
    Record(sent, answer.ok() ? ReplayedKind::kDeleted : ReplayedKind::kFailed);
    if (answer.ok()) {
      ++log_.deleted;
      log_.vms[vm].fate = VmFate::kDeleted;
    } else {
      // The VM was acknowledged and not deleted, unless nobody knows.
      const VmFate fate = RecordFailure(answer);
      if (fate == VmFate::kUnknown) log_.vms[vm].fate = fate;
    }
    End();
  }

  void Record(Clock::time_point sent, ReplayedKind kind) {
    const Clock::time_point now = Clock::now();
    ++done_;
    log_.requests.push_back(
        {.kind = kind,
         .latency_us = std::chrono::duration<float, std::micro>(now - sent).count(),
         .answered_at = std::chrono::duration<float>(now - begin_).count()});
  }

  VmFate RecordFailure(const absl::Status& failure) {
    if (log_.failed++ == 0) log_.first_failure = failure.ToString();
    return absl::IsDeadlineExceeded(failure) ? VmFate::kUnknown : VmFate::kFailed;
  }

  void End() {
    --under_way_;
    answered_.notify_one();
  }

  PlacementClient& client_;
  const Trace& trace_;
  const ReplayOptions& options_;
  const std::vector<Event> events_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point next_progress_ = begin_;

  std::mutex mutex_;
  std::condition_variable answered_;
  // All guarded by mutex_.
  std::vector<Vm> vms_;
  ReplayLog log_;
  size_t under_way_ = 0;
  size_t done_ = 0;  // events that need nothing more
};

}  // namespace

absl::Status RegisterNodes(PlacementClient& client,
                           absl::Span<const scheduler::traces::NodeSpec> nodes,
                           size_t outstanding) {
  std::mutex mutex;
  absl::Status first_error;
  std::counting_semaphore<> room(static_cast<std::ptrdiff_t>(outstanding));
  for (const scheduler::traces::NodeSpec& node : nodes) {
    room.acquire();
    v1::RegisterNodeRequest request;
    request.set_name(node.name);
    FillIn(node.capacity, request.mutable_capacity());
    client.RegisterNode(
        std::move(request),
        [&, name = node.name](const absl::StatusOr<v1::RegisterNodeResponse>& answer) {
          if (!answer.ok() && !absl::IsAlreadyExists(answer.status())) {
            std::lock_guard lock(mutex);
            first_error.Update(
                absl::Status(answer.status().code(),
                             absl::StrCat("node ", name, ": ", answer.status().message())));
          }
          room.release();
        });
  }
  for (size_t i = 0; i < outstanding; ++i) room.acquire();
  std::lock_guard lock(mutex);
  return first_error;
}

ReplayLog ReplayTrace(PlacementClient& client, const Trace& trace, const ReplayOptions& options) {
  return Run(client, trace, options).Go();
}

}  // namespace blixard::rpc
