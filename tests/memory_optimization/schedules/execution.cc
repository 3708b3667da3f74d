#include "tests/memory_optimization/schedules/execution.h"

#include <fmt/format.h>
#include <glog/logging.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace blixard::memory::schedules {
namespace {

constexpr size_t kChunkBytes = 64 * 1024;
constexpr uint32_t kMaxIdleRounds = 100;

// Numbers every schedule of the process, so that no object mistakes an old entry for its own.
uint64_t NextScheduleNumber() {
  static constinit std::atomic<uint64_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

const char* Describe(Violation violation) {
  switch (violation) {
    case Violation::kNotCreated:
      return "used before its creation is known to the thread";
    case Violation::kDestroyed:
      return "used after its destruction";
    case Violation::kWriteRace:
      return "data race with a write of another thread";
    case Violation::kReadRace:
      return "data race with a read of another thread";
    case Violation::kStillUsed:
      return "destroyed while another thread may still use it";
    default:
      return "no violation";
  }
}

Site PlainSite(Operation operation) {
  return {.where = {}, .operation = operation, .order = std::memory_order_relaxed};
}

}  // namespace

constinit thread_local Execution* Execution::current_ = nullptr;

Execution::Execution() {
  for (int thread = 0; thread < kMaxThreads; ++thread) {
    fibers_[thread].execution = this;
    fibers_[thread].thread = thread;
  }
}

Execution::~Execution() = default;

ScheduleOutcome Execution::Run(const ScheduleOptions& options, Body& body) {
  CHECK(current_ == nullptr) << "a schedule within a schedule";
  CHECK(body.threads() > 0 && body.threads() < kMaxThreads) << body.threads() << " threads";
  Begin(options, body);
  body.Prepare();
  if (!outcome_.failed) RunThreads();
  if (!outcome_.failed) {
    for (int thread = 1; thread <= body.threads(); ++thread) memory_.Join(thread);
    body.Finish();
  }
  if (outcome_.failed) outcome_.message = DescribeFailure();
  current_ = nullptr;
  body.Discard();
  outcome_.steps = step_;
  return std::exchange(outcome_, {});
}

void Execution::Begin(const ScheduleOptions& options, Body& body) {
  options_ = options;
  body_ = &body;
  random_ = Random(options.seed);
  policy_.Start(random_, options.expected_steps);
  // Some schedules read the newest store only: they find in fewer steps what needs no old ones.
  static constexpr std::array<uint32_t, 4> kStaleOneIn = {0, 2, 3, 8};
  memory_.set_stale_one_in(kStaleOneIn[random_.Below(kStaleOneIn.size())]);
  memory_.Reset();
  schedule_ = NextScheduleNumber();
  running_ = 0;
  step_ = 0;
  idle_rounds_ = 0;
  threads_ = {};
  names_.clear();
  chunk_ = 0;
  chunk_used_ = 0;
  current_ = this;
}

void Execution::RunThreads() {
  for (int thread = 1; thread <= body_->threads(); ++thread) {
    FiberSlot& slot = fibers_[thread];
    if (slot.fiber == nullptr) slot.fiber = std::make_unique<Fiber>(&RunFiber, &slot);
    memory_.Fork(thread);
    threads_[thread].state = State::kReady;
  }
  const int first = ChooseNext();
  running_ = first;
  Fiber::Switch(main_, *fibers_[first].fiber);
  running_ = 0;
  if (!outcome_.failed) return;
  for (FiberSlot& slot : fibers_) slot.fiber = nullptr;  // whatever is on their stacks stays there
}

void Execution::RunFiber(void* argument) {
  FiberSlot& slot = *static_cast<FiberSlot*>(argument);
  for (;;) {
    slot.execution->body_->RunThread(slot.thread - 1);
    slot.execution->EndThread();
  }
}

void Execution::EndThread() {
  threads_[running_].state = State::kEnded;
  Fiber& self = *fibers_[running_].fiber;
  const int next = ChooseNext();
  running_ = next;
  Fiber::Switch(self, next == 0 ? main_ : *fibers_[next].fiber);
}

void Execution::Fail(Failure failure) {
  if (outcome_.failed) return;
  outcome_.failed = true;
  failure_ = failure;
  failure_.thread = running_;
  if (running_ != 0) Abandon();
}

std::string Execution::DescribeFailure() const {
  std::string text;
  if (failure_.thread != 0) text += fmt::format("thread {}: ", failure_.thread);
  if (failure_.object != nullptr) text += NameOf(failure_.object) + ": ";
  text += failure_.what;
  if (failure_.is_of_all_threads) text += ": " + DescribeThreads();
  return text;
}

void Execution::Abandon() { Fiber::Leave(*fibers_[running_].fiber, main_); }

// The choice before every access of a thread.
bool Execution::Step(Site& site) {
  if (outcome_.failed) return false;
  if (options_.sites != nullptr) Collect(site);
  if (options_.plant != nullptr && IsPlanted(site, Plant::Kind::kRelax)) {
    site.order = std::memory_order_relaxed;
  }
  if (running_ == 0) return true;
  CountStep();
  SwitchTo(ChooseNext());
  return true;
}

void Execution::CountStep() {
  if (++step_ > options_.max_steps) {
    Fail({.what = "no end within the bound on steps", .is_of_all_threads = true});
  }
}

void Execution::SwitchTo(int next) {
  if (next == running_) return;
  Fiber& self = *fibers_[running_].fiber;
  running_ = next;
  Fiber::Switch(self, *fibers_[next].fiber);
}

// 0: all threads have ended.
int Execution::ChooseNext() {
  uint32_t ready = 0;
  uint32_t yielded = 0;
  uint32_t blocked = 0;
  for (int thread = 1; thread <= body_->threads(); ++thread) {
    const State state = threads_[thread].state;
    if (state == State::kReady) ready |= 1u << thread;
    if (state == State::kYielded) yielded |= 1u << thread;
    if (state == State::kWaiting || state == State::kLocking) blocked |= 1u << thread;
  }
  if (ready == 0 && yielded != 0) {
    if (++idle_rounds_ > kMaxIdleRounds) Fail({.what = "livelock", .is_of_all_threads = true});
    NoteProgress();
    ready = yielded;
  }
  if (ready != 0) return policy_.Choose(ready, running_, step_, random_);
  if (blocked != 0) Fail({.what = "deadlock", .is_of_all_threads = true});
  return 0;
}

void Execution::NoteProgress() {
  for (Thread& thread : threads_) {
    if (thread.state == State::kYielded) thread.state = State::kReady;
  }
}

void Execution::Block(State state, const void* waits_for) {
  if (running_ == 0) return Fail("waits for ever: no other thread runs");
  threads_[running_] = {.state = state, .waits_for = waits_for};
  SwitchTo(ChooseNext());
}

void Execution::WakeWaiting(State state, const void* waited_for) {
  for (Thread& thread : threads_) {
    if (thread.state == state && thread.waits_for == waited_for) thread.state = State::kReady;
  }
}

std::string Execution::DescribeThreads() const {
  static constexpr std::array<std::string_view, 5> kNames = {"runs", "yields", "waits", "locks",
                                                             "has ended"};
  std::string text;
  for (int thread = 1; thread <= body_->threads(); ++thread) {
    text += fmt::format("{}thread {} {}", thread == 1 ? "" : ", ", thread,
                        kNames[static_cast<size_t>(threads_[thread].state)]);
  }
  return text;
}

void Execution::Create(AtomicState& state) {
  if (outcome_.failed) return;
  state.entry = {.schedule = schedule_, .index = memory_.AddAtomic(running_, state.newest)};
}

void Execution::Destroy(AtomicState& state) {
  if (outcome_.failed || state.entry.schedule != schedule_) return;
  Report(memory_.DestroyAtomic(running_, state.entry.index), &state);
}

uint32_t Execution::IndexOf(const AtomicState& state) {
  if (state.entry.schedule != schedule_) {
    state.entry = {.schedule = schedule_, .index = memory_.AddOldAtomic(state.newest)};
  }
  Report(memory_.CheckAtomic(running_, state.entry.index), &state);
  return state.entry.index;
}

void Execution::Report(Violation violation, const void* object) {
  if (violation == Violation::kNone) return;
  Fail({.what = Describe(violation), .object = object});
}

uint64_t Execution::Load(const AtomicState& state, Site site) {
  if (!Step(site)) return state.newest;
  const uint32_t index = IndexOf(state);
  const MemoryModel::Read read = memory_.Load(running_, index, site.order, random_);
  if (options_.trace) {
    Trace({.site = &site,
           .object = &state,
           .value = read.value,
           .has_value = true,
           .note = read.age == 0 ? "" : "an old store"});
  }
  return Planted(site, Plant::Kind::kReturn, read.value);
}

void Execution::Store(AtomicState& state, uint64_t value, Site site) {
  if (!Step(site)) {
    state.newest = value;
    return;
  }
  const uint32_t index = IndexOf(state);
  if (IsPlanted(site, Plant::Kind::kSkip)) return;
  value = Planted(site, Plant::Kind::kWrite, value);
  memory_.Store(running_, index, value, site.order);
  state.newest = value;
  NoteProgress();
  idle_rounds_ = 0;
  if (options_.trace) {
    Trace({.site = &site, .object = &state, .value = value, .has_value = true});
  }
}

uint64_t Execution::Modify(AtomicState& state, uint64_t operand, uint64_t mask, Site site) {
  const bool modelled = Step(site);
  if (!modelled) {
    return std::exchange(state.newest, Compute(site.operation, state.newest, operand) & mask);
  }
  const uint32_t index = IndexOf(state);
  operand = Planted(site, Plant::Kind::kWrite, operand);
  if (IsPlanted(site, Plant::Kind::kTear)) {
    const uint64_t old = memory_.Load(running_, index, site.order, random_).value;
    if (running_ != 0) SwitchTo(ChooseNext());
    state.newest = Compute(site.operation, old, operand) & mask;
    memory_.Store(running_, index, state.newest, site.order);
    return old;
  }
  const uint64_t old = state.newest;
  const uint64_t value = Compute(site.operation, old, operand) & mask;
  memory_.Replace(running_, index, value, site.order);
  state.newest = value;
  NoteProgress();
  idle_rounds_ = 0;
  if (options_.trace) {
    Trace({.site = &site, .object = &state, .value = value, .has_value = true});
  }
  return old;
}

bool Execution::CompareExchange(AtomicState& state, Exchange& exchange, Site site) {
  if (!Step(site)) {
    if (state.newest != exchange.expected) {
      exchange.expected = state.newest;
      return false;
    }
    state.newest = exchange.desired;
    return true;
  }
  const uint32_t index = IndexOf(state);
  if (IsPlanted(site, Plant::Kind::kRelax)) exchange.failure = std::memory_order_relaxed;
  const bool fails_spuriously = exchange.may_fail_spuriously && random_.OneIn(16);
  const bool unchecked = IsPlanted(site, Plant::Kind::kTear);
  if (!unchecked && (state.newest != exchange.expected || fails_spuriously)) {
    Site failed = site;
    failed.order = exchange.failure;
    if (state.newest == exchange.expected) {
      memory_.LoadNewest(running_, index, failed.order);
    } else {
      exchange.expected =
          memory_.LoadOther(running_, index, exchange.expected, failed.order, random_).value;
    }
    if (options_.trace) {
      Trace({.site = &failed,
             .object = &state,
             .value = exchange.expected,
             .has_value = true,
             .note = "not exchanged"});
    }
    return false;
  }
  const uint64_t value = Planted(site, Plant::Kind::kWrite, exchange.desired);
  memory_.Replace(running_, index, value, site.order);
  state.newest = value;
  NoteProgress();
  idle_rounds_ = 0;
  if (options_.trace) {
    Trace(
        {.site = &site, .object = &state, .value = value, .has_value = true, .note = "exchanged"});
  }
  return true;
}

void Execution::Wait(const AtomicState& state, uint64_t old, Site site) {
  while (Load(state, site) == old && !outcome_.failed) Block(State::kWaiting, &state);
}

void Execution::Notify(const AtomicState& state, Site site) {
  if (!Step(site) || IsPlanted(site, Plant::Kind::kSkip)) return;
  WakeWaiting(State::kWaiting, &state);
  if (options_.trace) Trace({.site = &site, .object = &state});
}

void Execution::Fence(Site site) {
  if (!Step(site) || IsPlanted(site, Plant::Kind::kSkip)) return;
  memory_.Fence(running_, site.order);
  if (options_.trace) Trace({.site = &site});
}

void Execution::CompilerFence(Site site) {
  if (!Step(site) || IsPlanted(site, Plant::Kind::kSkip)) return;
  memory_.CompilerFence(running_);
  if (options_.trace) Trace({.site = &site});
}

void Execution::Barrier(Site site) {
  if (!Step(site) || IsPlanted(site, Plant::Kind::kSkip)) return;
  memory_.BarrierOnEveryThread(running_);
  if (options_.trace) Trace({.site = &site});
}

void Execution::Yield(Site site) {
  if (outcome_.failed || running_ == 0) return;
  if (options_.trace) Trace({.site = &site});
  CountStep();
  threads_[running_].state = State::kYielded;
  SwitchTo(ChooseNext());
}

bool Execution::TryLock(MutexState& mutex, Site site) {
  if (!Step(site)) return true;
  const bool skipped = IsPlanted(site, Plant::Kind::kSkip);
  if (mutex.owner >= 0 && !skipped) return false;
  if (!skipped) memory_.TakeOver(running_, mutex.handed_over);
  mutex.owner = running_;
  if (options_.trace) Trace({.site = &site, .object = &mutex});
  return true;
}

void Execution::Lock(MutexState& mutex, Site site) {
  while (!TryLock(mutex, site)) {
    if (outcome_.failed) return;
    if (mutex.owner == running_) Fail("locks what it holds already");
    Block(State::kLocking, &mutex);
  }
}

void Execution::Unlock(MutexState& mutex, Site site) {
  const bool modelled = Step(site);
  mutex.owner = -1;
  if (!modelled) return;
  if (!IsPlanted(site, Plant::Kind::kSkip)) memory_.HandOver(running_, mutex.handed_over);
  WakeWaiting(State::kLocking, &mutex);
  NoteProgress();
  idle_rounds_ = 0;
  if (options_.trace) Trace({.site = &site, .object = &mutex});
}

void Execution::CreatePlain(ModelEntry& entry) {
  if (outcome_.failed) return;
  entry = {.schedule = schedule_, .index = memory_.AddPlain(running_)};
}

uint32_t Execution::IndexOfPlain(ModelEntry& entry) {
  if (entry.schedule != schedule_) {
    entry = {.schedule = schedule_, .index = memory_.AddOldPlain()};
  }
  return entry.index;
}

void Execution::DestroyPlain(ModelEntry& entry, const void* object) {
  if (outcome_.failed || entry.schedule != schedule_) return;
  Report(memory_.DestroyPlain(running_, entry.index), object);
}

void Execution::ReadPlain(ModelEntry& entry, const void* object) {
  if (outcome_.failed) return;
  const Violation violation = memory_.ReadPlain(running_, IndexOfPlain(entry));
  const Site site = PlainSite(Operation::kPlainRead);
  if (options_.trace) Trace({.site = &site, .object = object});
  Report(violation, object);
}

void Execution::WritePlain(ModelEntry& entry, const void* object) {
  if (outcome_.failed) return;
  const Violation violation = memory_.WritePlain(running_, IndexOfPlain(entry));
  const Site site = PlainSite(Operation::kPlainWrite);
  if (options_.trace) Trace({.site = &site, .object = object});
  Report(violation, object);
}

void Execution::Note(std::string_view text) {
  if (options_.trace && !outcome_.failed) Trace({.note = text});
}

void Execution::NameObject(const void* object, size_t bytes, std::string name) {
  if (!options_.trace) return;
  names_.push_back(
      {.begin = static_cast<const char*>(object), .bytes = bytes, .name = std::move(name)});
}

void* Execution::Allocate(size_t bytes) {
  CHECK_LE(bytes, kChunkBytes);
  bytes = (bytes + 63) / 64 * 64;
  if (!chunks_.empty() && chunk_used_ + bytes > kChunkBytes) {
    ++chunk_;
    chunk_used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    chunks_.push_back(std::make_unique<std::byte[]>(kChunkBytes + 64));
  }
  void* aligned = chunks_[chunk_].get();
  size_t space = kChunkBytes + 64;
  aligned = std::align(64, kChunkBytes, aligned, space);
  void* memory = static_cast<std::byte*>(aligned) + chunk_used_;
  chunk_used_ += bytes;
  return memory;
}

bool Execution::IsPlanted(const Site& site, Plant::Kind kind) const {
  return options_.plant != nullptr && options_.plant->kind == kind &&
         options_.plant->site.IsAt(site);
}

uint64_t Execution::Planted(const Site& site, Plant::Kind kind, uint64_t value) const {
  return IsPlanted(site, kind) ? options_.plant->value : value;
}

void Execution::Collect(const Site& site) {
  std::vector<Site>& sites = *options_.sites;
  const auto same = [&site](const Site& other) { return other.IsAt(site); };
  if (std::none_of(sites.begin(), sites.end(), same)) sites.push_back(site);
}

// Names what was not named in the order of first mention, so that a replay reads the same.
std::string Execution::NameOf(const void* object) const {
  const char* address = static_cast<const char*>(object);
  for (const ObjectName& named : names_) {
    if (address < named.begin || address >= named.begin + named.bytes) continue;
    const size_t offset = static_cast<size_t>(address - named.begin);
    return offset == 0 ? named.name : fmt::format("{}+{}", named.name, offset);
  }
  for (size_t i = 0; i < chunks_.size(); ++i) {
    const char* begin = reinterpret_cast<const char*>(chunks_[i].get());
    if (address < begin || address >= begin + kChunkBytes + 64) continue;
    void* aligned = chunks_[i].get();
    size_t space = kChunkBytes + 64;
    const char* first = static_cast<const char*>(std::align(64, kChunkBytes, aligned, space));
    return fmt::format("node+{}", i * kChunkBytes + static_cast<size_t>(address - first));
  }
  return "";
}

void Execution::Trace(const Line& line) {
  std::string text = fmt::format("{:4} T{}", step_, running_);
  if (line.site != nullptr) {
    text += fmt::format(" {:16} {:8}", Name(line.site->operation),
                        line.site->where.line == 0 ? "" : Name(line.site->order));
  }
  if (line.object != nullptr) {
    if (NameOf(line.object).empty()) {
      NameObject(line.object, 8, fmt::format("object{}", names_.size()));
    }
    text += ' ' + NameOf(line.object);
  }
  if (line.has_value) {
    const std::string name = NameOf(reinterpret_cast<const void*>(line.value));
    text += name.empty() ? fmt::format(" = {}", line.value) : " = &" + name;
  }
  if (!line.note.empty()) text += fmt::format("  ({})", line.note);
  if (line.site != nullptr && line.site->where.line != 0) {
    text += "  " + ToString(*line.site);
  }
  outcome_.trace += text + '\n';
}

}  // namespace blixard::memory::schedules
