// Runs a scenario under many schedules and reports the first that fails, with the seed that repeats
// it and a trace of what every thread did.
//
// A scenario is a class with
//   static constexpr int kThreads;      // at most six; in a local class an enumerator
//   Scenario(...)                       // runs alone
//   void Run(int thread);               // from 0; all threads at once
//   void Finish();                      // runs alone, after all; optional
// It says what must hold with Expect. What it shares between threads goes through ModelAtomics.
// A failed schedule leaves its threads where they are: nothing on their stacks is destroyed, so
// threads should own no memory but that of ModelAtomics::New.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_EXPLORE_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_EXPLORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "tests/memory_optimization/schedules/execution.h"
#include "tests/memory_optimization/schedules/site.h"

namespace blixard::memory::schedules {

struct ExploreOptions {
  uint64_t seed = 1;  // of the first schedule; the next one's is one more
  uint64_t schedules = 10'000;
  std::optional<Plant> plant = {};
  bool collect_sites = false;
  uint32_t expected_steps = 64;
  uint32_t max_steps = 20'000;
  // Called now and then with the schedules done; false ends the run.
  std::function<bool(uint64_t done)> progress = {};
};

struct ExploreResult {
  uint64_t schedules = 0;  // run, the failing one included
  uint64_t steps = 0;
  bool failed = false;
  uint64_t seed = 0;  // of the failing schedule
  std::string message = {};
  std::string trace = {};
  std::vector<Site> sites = {};  // in source order
};
// "10000 schedules, 412345 steps, none failed", or the seed, message and trace.
std::ostream& operator<<(std::ostream& out, const ExploreResult& result);

ExploreResult Explore(const ExploreOptions& options, Body& body);

// Fails the schedule under way unless `holds`.
void Expect(bool holds, const char* what);

template <class Scenario, class... Arguments>
class ScenarioBody : public Body {
 public:
  explicit ScenarioBody(Arguments&... arguments) : arguments_(arguments...) {}

  int threads() const override { return Scenario::kThreads; }
  void Prepare() override {
    std::apply([this](Arguments&... arguments) { scenario_.emplace(arguments...); }, arguments_);
  }
  void RunThread(int thread) override { scenario_->Run(thread); }
  void Finish() override {
    if constexpr (requires { scenario_->Finish(); }) scenario_->Finish();
  }
  void Discard() override { scenario_.reset(); }

 private:
  std::tuple<Arguments&...> arguments_;
  std::optional<Scenario> scenario_;
};

// `arguments` are passed to the constructor of every schedule's scenario.
template <class Scenario, class... Arguments>
ExploreResult Explore(const ExploreOptions& options, Arguments&... arguments) {
  ScenarioBody<Scenario, Arguments...> body(arguments...);
  return Explore(options, static_cast<Body&>(body));
}

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_EXPLORE_H_
