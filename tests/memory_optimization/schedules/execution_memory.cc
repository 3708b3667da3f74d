// What a thread of the schedule does to memory: atomics, mutexes, fences and plain objects.
#include <utility>

#include "tests/memory_optimization/schedules/execution.h"

namespace blixard::memory::schedules {
namespace {

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

}  // namespace blixard::memory::schedules
