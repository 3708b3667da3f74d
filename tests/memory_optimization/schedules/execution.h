// One schedule after the other of a scenario: fibers for its threads, the memory model under them,
// and every choice from a seed. The accesses of ModelAtomics arrive here.
// One execution per thread of the machine; different threads may each run their own.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_EXECUTION_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_EXECUTION_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/memory_optimization/schedules/clock.h"
#include "tests/memory_optimization/schedules/fiber.h"
#include "tests/memory_optimization/schedules/memory_model.h"
#include "tests/memory_optimization/schedules/policy.h"
#include "tests/memory_optimization/schedules/random.h"
#include "tests/memory_optimization/schedules/site.h"

namespace blixard::memory::schedules {

// What a schedule runs. Prepare and Finish run alone, before the threads start and after all ended.
class Body {
 public:
  virtual ~Body() = default;
  virtual int threads() const = 0;  // 1 to kMaxThreads - 1
  virtual void Prepare() = 0;
  virtual void RunThread(int thread) = 0;  // from 0
  virtual void Finish() = 0;
  virtual void Discard() = 0;  // also after a failure; nothing is checked any more
};

struct ScheduleOptions {
  uint64_t seed = 0;
  bool trace = false;
  const Plant* plant = nullptr;
  std::vector<Site>* sites = nullptr;  // collects the sites that were run
  uint32_t expected_steps = 64;
  uint32_t max_steps = 20'000;  // more is a livelock
};

struct ScheduleOutcome {
  bool failed = false;
  std::string message = {};
  std::string trace = {};
  uint32_t steps = 0;
};

// Ties an object of the code under test to its entry in the memory model.
struct ModelEntry {
  uint64_t schedule = 0;  // the entry belongs to this one; 0: to none
  uint32_t index = 0;
};

// An atomic object as its bits. Outside of schedules an ordinary variable.
struct AtomicState {
  uint64_t newest = 0;
  mutable ModelEntry entry = {};
};

struct MutexState {
  int owner = -1;
  Knowledge handed_over = {};
};

class Execution {
 public:
  Execution();
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  // The one whose schedule runs on this thread now, or null.
  static Execution* Current() { return current_; }

  ScheduleOutcome Run(const ScheduleOptions& options, Body& body);

  // Ends the schedule as failed; `what` is a literal. Inside a thread of the scenario it does not
  // return, and nothing on the thread's stack is destroyed.
  void Fail(const char* what) { Fail(Failure{.what = what}); }

  // For the atomic types.
  void Create(AtomicState& state);
  void Destroy(AtomicState& state);
  uint64_t Load(const AtomicState& state, Site site);
  void Store(AtomicState& state, uint64_t value, Site site);
  // Returns the value before; `site.operation` says what is done with `operand`; `mask` has the
  // bits of the type.
  uint64_t Modify(AtomicState& state, uint64_t operand, uint64_t mask, Site site);
  struct Exchange {
    uint64_t expected = 0;
    uint64_t desired = 0;
    std::memory_order failure = std::memory_order_seq_cst;
    bool may_fail_spuriously = false;
  };
  // True: done; otherwise `exchange.expected` is what was found.
  bool CompareExchange(AtomicState& state, Exchange& exchange, Site site);
  void Wait(const AtomicState& state, uint64_t old, Site site);
  void Notify(const AtomicState& state, Site site);

  void Fence(Site site);
  void CompilerFence(Site site);
  void Barrier(Site site);
  void Yield(Site site);

  bool TryLock(MutexState& mutex, Site site);
  void Lock(MutexState& mutex, Site site);
  void Unlock(MutexState& mutex, Site site);

  void CreatePlain(ModelEntry& entry);
  void DestroyPlain(ModelEntry& entry, const void* object);
  void ReadPlain(ModelEntry& entry, const void* object);
  void WritePlain(ModelEntry& entry, const void* object);

  // For scenarios.
  int thread() const { return running_; }  // 0: Prepare or Finish; thread n of the scenario: n + 1
  uint16_t Now() const { return memory_.Time(running_); }
  const Clock& Happened() const { return memory_.Happened(running_); }
  Random& random() { return random_; }  // for choices of the scenario: they follow the seed too
  bool is_tracing() const { return options_.trace; }
  void Note(std::string_view text);  // a line in the trace
  // The trace calls addresses in [object, object + bytes) by `name`.
  void NameObject(const void* object, size_t bytes, std::string name);
  // Memory that is not used again within the schedule, so that what is done to a freed object is
  // still seen. Belongs to the execution; gone at the end of the schedule.
  void* Allocate(size_t bytes);

 private:
  enum class State : uint8_t { kReady, kYielded, kWaiting, kLocking, kEnded };
  struct Thread {
    State state = State::kEnded;
    const void* waits_for = nullptr;
  };
  struct ObjectName {
    const char* begin;
    size_t bytes;
    std::string name;
  };
  // Described only when its thread has been left: a string on that stack would leak.
  struct Failure {
    const char* what = nullptr;
    const void* object = nullptr;    // null: of no object
    bool is_of_all_threads = false;  // tell what each is doing
    int thread = 0;
  };
  struct FiberSlot {
    Execution* execution = nullptr;
    int thread = 0;
    std::unique_ptr<Fiber> fiber;
  };

  static void RunFiber(void* slot);
  void Begin(const ScheduleOptions& options, Body& body);
  void RunThreads();
  void EndThread();

  // A point where another thread may go on. False: nothing is to be modelled (a failed schedule).
  bool Step(Site& site);
  void SwitchTo(int next);
  int ChooseNext();
  void Block(State state, const void* waits_for);
  void WakeWaiting(State state, const void* waited_for);
  void NoteProgress();
  void Fail(Failure failure);
  [[noreturn]] void Abandon();
  std::string DescribeFailure() const;
  std::string DescribeThreads() const;

  uint32_t IndexOf(const AtomicState& state);
  uint32_t IndexOfPlain(ModelEntry& entry);
  void Report(Violation violation, const void* object);
  void CountStep();
  bool IsPlanted(const Site& site, Plant::Kind kind) const;
  uint64_t Planted(const Site& site, Plant::Kind kind, uint64_t value) const;
  void Collect(const Site& site);

  struct Line {
    const Site* site = nullptr;
    const void* object = nullptr;
    uint64_t value = 0;
    bool has_value = false;
    std::string_view note = {};
  };
  void Trace(const Line& line);
  std::string NameOf(const void* object) const;

  static constinit thread_local Execution* current_;

  Fiber main_;
  std::array<FiberSlot, kMaxThreads> fibers_;
  MemoryModel memory_;
  Policy policy_;
  Random random_{0};

  ScheduleOptions options_;
  Body* body_ = nullptr;
  uint64_t schedule_ = 0;
  int running_ = 0;
  uint32_t step_ = 0;
  uint32_t idle_rounds_ = 0;  // all had yielded, and nothing was stored since
  std::array<Thread, kMaxThreads> threads_;
  ScheduleOutcome outcome_;
  Failure failure_;
  std::vector<ObjectName> names_;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  size_t chunk_ = 0;
  size_t chunk_used_ = 0;
};

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_EXECUTION_H_
