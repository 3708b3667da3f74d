// Walks an operation over every allocation it makes: the first fails, then, from a fresh start, the
// second, and so on until a run asks for no more. For tests built as allocation_test.
//
//   EXPECT_FAILURE_SAFE((FailureWalk<Fixture>{
//       .setup = [] { return std::make_unique<Fixture>(); },
//       .operation = [](Fixture& f) { return f.pool.Acquire(); },  // void, bool, Status, StatusOr,
//       ... .check = [](Fixture& f) { EXPECT_EQ(f.pool.live(), 0); }}));
//
// What must hold for each of them:
// - nothing but std::bad_alloc is thrown; an error may also come as a result (below);
// - `check` passes after the failure: nothing half done, books balanced;
// - the same operation, repeated at once without a failure, succeeds, and `check` passes again;
// - when the state is gone, as many blocks are live in the process as before it was set up.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_FAILURE_WALK_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_FAILURE_WALK_H_

#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "memory_optimization/allocation_failures.h"
#include "memory_optimization/allocation_threads.h"
#include "memory_optimization/allocation_tracker.h"

namespace blixard::memory {

// Whether a result of an operation says that it worked: absl::Status and StatusOr by ok(), what
// converts to bool (a pointer, an optional, a guard) by that, anything else always.
template <class Result>
bool SaysSuccess(const Result& result) {
  if constexpr (requires {
                  { result.ok() } -> std::convertible_to<bool>;
                }) {
    return result.ok();
  } else if constexpr (std::is_constructible_v<bool, const Result&>) {
    return static_cast<bool>(result);
  } else {
    return true;
  }
}

template <class State>
struct FailureWalk {
  // A fresh state, never failed. Everything the operation needs, and everything it may keep, is in
  // it.
  std::function<std::unique_ptr<State>()> setup = [] { return std::make_unique<State>(); };
  // Run under failures. A lambda of any result type, see Operation.
  class Operation {
   public:
    Operation() = default;
    template <class Call>
    requires std::invocable<Call&, State&> Operation(Call call)  // NOLINT: converts from a lambda
        : run_([call](State& state) mutable {
            if constexpr (std::is_void_v<std::invoke_result_t<Call&, State&>>) {
              call(state);
              return true;
            } else {
              return SaysSuccess(call(state));
            }
          }) {}
    bool operator()(State& state) const { return run_(state); }

   private:
    std::function<bool(State&)> run_;
  };
  Operation operation = {};
  // Expectations about the state, after a failure and after a success. May allocate freely.
  std::function<void(State&)> check = [](State&) {};
  // A walk that meets more failures than this one goes on for ever.
  uint64_t most_allocations = 10'000;
  // C malloc fails too, not only operator new.
  bool c_malloc = false;
};

struct FailureWalkResult {
  uint64_t failures = 0;  // runs that met one: the allocations the operation makes
  std::string problem;    // empty: it is safe

  bool safe() const { return problem.empty(); }
};

namespace failure_walk_internal {

enum class Outcome { kSucceeded, kRefused, kThrewBadAlloc, kThrewOther };

template <class State>
Outcome Run(const FailureWalk<State>& walk, State& state, std::string& what) {
  try {
    return walk.operation(state) ? Outcome::kSucceeded : Outcome::kRefused;
  } catch (const std::bad_alloc&) {
    return Outcome::kThrewBadAlloc;
  } catch (const std::exception& other) {
    what = other.what();
    return Outcome::kThrewOther;
  }
}

// One run with the nth allocation failing (0: none). True: there was such an allocation.
template <class State>
bool RunOnce(const FailureWalk<State>& walk, uint64_t nth, std::string& problem) {
  std::unique_ptr<State> state = walk.setup();
  std::string what;
  Outcome outcome;
  uint64_t failed = 0;
  {
    FailAllocations failing({.nth = nth, .c_malloc = walk.c_malloc});
    outcome = Run(walk, *state, what);
    failed = failing.failed();
  }
  if (outcome == Outcome::kThrewOther) problem = "it threw something else than bad_alloc: " + what;
  if (failed == 0 && outcome != Outcome::kSucceeded)
    problem = "it failed although no allocation did";
  walk.check(*state);
  if (failed == 0 || !problem.empty()) return failed != 0;
  if (Run(walk, *state, what) != Outcome::kSucceeded)
    problem = "it failed again when repeated " + what;
  walk.check(*state);
  return true;
}

// The same, and counts what stays behind. Done twice if something does: what is made once and kept,
// like a buffer of the C library, is no leak.
template <class State>
bool RunAndCount(const FailureWalk<State>& walk, uint64_t nth, std::string& problem) {
  bool failed = false;
  int64_t left = 0;
  for (int i = 0; i < 2 && problem.empty(); ++i) {
    const int64_t before = AllocationTotals().live();
    failed = RunOnce(walk, nth, problem);
    if (!problem.empty()) return failed;
    left = AllocationTotals().live() - before;
    if (left == 0) return failed;
  }
  if (problem.empty()) problem = std::to_string(left) + " blocks more are live than before";
  return failed;
}

}  // namespace failure_walk_internal

// Failed expectations inside `check` are reported by themselves.
template <class State>
FailureWalkResult WalkFailures(const FailureWalk<State>& walk) {
  FailureWalkResult result;
  if (!AllocationTracker::Counting()) {
    result.problem = "the allocation hook is not linked or off: nothing fails";
    return result;
  }
  const bool failed_before = testing::Test::HasFailure();
  failure_walk_internal::RunAndCount(walk, 0, result.problem);
  for (uint64_t nth = 1; result.safe(); ++nth) {
    if (nth > walk.most_allocations) {
      result.problem = "more than " + std::to_string(walk.most_allocations) + " allocations";
      break;
    }
    const testing::ScopedTrace trace(__FILE__, __LINE__,
                                     "with allocation " + std::to_string(nth) + " failing");
    if (!failure_walk_internal::RunAndCount(walk, nth, result.problem)) break;
    result.failures = nth;
    if (testing::Test::HasFailure() && !failed_before) break;
  }
  if (!result.safe()) {
    result.problem += " (with allocation " + std::to_string(result.failures) + " failing)";
  }
  return result;
}

#define EXPECT_FAILURE_SAFE(...)                                                      \
  do {                                                                                \
    const ::blixard::memory::FailureWalkResult blixard_walk =                         \
        ::blixard::memory::WalkFailures(__VA_ARGS__);                                 \
    EXPECT_TRUE(blixard_walk.safe()) << blixard_walk.problem << ": " << #__VA_ARGS__; \
  } while (false)

}  // namespace blixard::memory

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_FAILURE_WALK_H_
