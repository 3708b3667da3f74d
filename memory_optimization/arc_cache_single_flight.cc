#include "memory_optimization/arc_cache_single_flight.h"

namespace blixard::memory::internal {
namespace {

bool IsLoading(const FlightState& flight) { return flight.phase == FlightState::Phase::kLoading; }

enum class WaitEnd { kFlightEnded, kStopped, kTooLate };

WaitEnd WaitLocked(std::unique_lock<std::mutex>& lock, FlightState& flight, const LoadWait& wait) {
  while (IsLoading(flight)) {
    if (wait.stop.stop_requested()) return WaitEnd::kStopped;
    if (!wait.deadline) {
      flight.changed.wait(lock);
    } else if (flight.changed.wait_until(lock, *wait.deadline) == std::cv_status::timeout &&
               IsLoading(flight)) {
      return WaitEnd::kTooLate;
    }
  }
  return WaitEnd::kFlightEnded;
}

// The callback takes the mutex, so it is made before and destroyed after the lock.
WaitEnd WaitOrLeave(std::mutex& mutex, FlightState& flight, const LoadWait& wait) {
  const std::stop_callback wake(wait.stop, [&] {
    const std::lock_guard lock(mutex);
    flight.changed.notify_all();
  });
  std::unique_lock lock(mutex);
  const WaitEnd end = WaitLocked(lock, flight, wait);
  if (end != WaitEnd::kFlightEnded) --flight.waiters;
  return end;
}

}  // namespace

absl::Status WaitForFlight(std::mutex& mutex, FlightState& flight, const LoadWait& wait) {
  switch (WaitOrLeave(mutex, flight, wait)) {
    case WaitEnd::kStopped:
      return absl::CancelledError("load: the caller stopped waiting for another caller's");
    case WaitEnd::kTooLate:
      return absl::DeadlineExceededError("load: another caller's did not end before the deadline");
    case WaitEnd::kFlightEnded:
      break;
  }
  return absl::OkStatus();
}

bool ConcernsLoaderOnly(const absl::Status& error) {
  return absl::IsCancelled(error) || absl::IsDeadlineExceeded(error);
}

}  // namespace blixard::memory::internal
