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
