// One load per key at a time: the first caller that misses loads, the others wait for its result.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_SINGLE_FLIGHT_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_SINGLE_FLIGHT_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "absl/status/status.h"

namespace blixard::memory {

// How long a caller waits for a load that another caller runs. Its own factory is its own business.
struct LoadWait {
  std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt;
  std::stop_token stop = {};
};

namespace internal {

// Fields belong to the mutex of the cache.
struct FlightState {
  enum class Phase : uint8_t {
    kLoading,
    kLoaded,
    kFailed,     // with `error`, which is everybody's
    kAbandoned,  // its loader gave up; whoever waited starts anew
  };

  Phase phase = Phase::kLoading;
  bool listed = false;  // new callers may still join; else the result is not to be cached
  uint32_t waiters = 0;
  uint64_t hash = 0;
  std::thread::id loader = std::this_thread::get_id();
  absl::Status error = absl::OkStatus();
  std::condition_variable changed = {};
  FlightState* previous = nullptr;
  FlightState* next = nullptr;
};

// Waits until `flight` is no longer loading. Takes the mutex; the caller counted itself as a waiter
// before it let go of it. Errors: kDeadlineExceeded, kCancelled; then it is no waiter any more.
absl::Status WaitForFlight(std::mutex& mutex, FlightState& flight, const LoadWait& wait);

// The error of an outcome that concerns nobody but the loader: the others try for themselves.
bool ConcernsLoaderOnly(const absl::Status& error);

// The flights of one cache. As many as there are threads loading, so a list is enough. All calls
// need the mutex.
template <class Result, class Keys>
class FlightList {
 public:
  struct Flight : FlightState, std::enable_shared_from_this<Flight> {
    explicit Flight(typename Keys::View view) : key(view) {}
    const typename Keys::Owned key;
    Result result = {};
  };
  using FlightPtr = std::shared_ptr<Flight>;

  Flight* Find(uint64_t hash, typename Keys::View key) const {
    for (FlightState* state = first_; state != nullptr; state = state->next) {
      auto* flight = static_cast<Flight*>(state);
      if (flight->hash == hash && Keys::Equal(flight->key, key)) return flight;
    }
    return nullptr;
  }

  void Add(Flight* flight) {
    flight->next = first_;
    if (first_ != nullptr) first_->previous = flight;
    first_ = flight;
    flight->listed = true;
  }

  // From now on the flight's result is for those who already wait, and for nobody else.
  void Remove(FlightState* flight) {
    if (!std::exchange(flight->listed, false)) return;
    (flight->previous == nullptr ? first_ : flight->previous->next) = flight->next;
    if (flight->next != nullptr) flight->next->previous = flight->previous;
    flight->previous = nullptr;
    flight->next = nullptr;
  }
  void RemoveAll() {
    while (first_ != nullptr) Remove(first_);
  }

  void End(Flight* flight, FlightState::Phase phase) {
    Remove(flight);
    flight->phase = phase;
    flight->changed.notify_all();
  }

 private:
  FlightState* first_ = nullptr;
};

// Ends a flight on every path out of its loader.
template <class Flights>
class FlightLoader {
 public:
  using Flight = typename Flights::Flight;
  using Phase = FlightState::Phase;

  // `failures` counts, under the mutex, how often it did not succeed.
  FlightLoader(std::mutex& mutex, Flights& flights, uint64_t& failures,
               std::shared_ptr<Flight> flight)
      : mutex_(mutex), flights_(flights), failures_(failures), flight_(std::move(flight)) {}
  ~FlightLoader() {
    if (ended_) return;
    const std::lock_guard lock(mutex_);
    ++failures_;
    End(Phase::kAbandoned);
  }
  FlightLoader(const FlightLoader&) = delete;
  FlightLoader& operator=(const FlightLoader&) = delete;

  Flight& flight() { return *flight_; }

  // Takes the mutex.
  void Fail(const absl::Status& error) {
    const std::lock_guard lock(mutex_);
    ++failures_;
    flight_->error = error;
    End(ConcernsLoaderOnly(error) ? Phase::kAbandoned : Phase::kFailed);
  }
  // With the mutex, after setting the result.
  void Succeed() { End(Phase::kLoaded); }

 private:
  void End(Phase phase) {
    flights_.End(flight_.get(), phase);
    ended_ = true;
  }

  std::mutex& mutex_;
  Flights& flights_;
  uint64_t& failures_;
  std::shared_ptr<Flight> flight_;
  bool ended_ = false;
};

}  // namespace internal
}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_SINGLE_FLIGHT_H_
