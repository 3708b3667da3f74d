#include "tests/memory_optimization/schedules/memory_model.h"

#include <algorithm>

namespace blixard::memory::schedules {
namespace {

bool IsAcquire(std::memory_order order) {
  return order == std::memory_order_acquire || order == std::memory_order_consume ||
         order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}

bool IsRelease(std::memory_order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

bool IsTotal(std::memory_order order) { return order == std::memory_order_seq_cst; }

}  // namespace

void MemoryModel::Reset() {
  threads_[0] = {};
  thread_count_ = 1;
  location_count_ = 0;
  plain_count_ = 0;
  total_order_ = 0;
  fenced_ = {};
  barriers_ = {};
  Tick(0);
}

void MemoryModel::Fork(int thread) {
  threads_[thread] = {.now = threads_[0].now};
  thread_count_ = std::max(thread_count_, thread + 1);
  Tick(thread);
}

void MemoryModel::Join(int thread) {
  threads_[0].now.Join(threads_[thread].now);
  Tick(0);
}

void MemoryModel::Tick(int thread) {
  Thread& self = threads_[thread];
  ++self.time;
  self.now.happened.Set(thread, self.time);
  self.now.visible.Set(thread, self.time);
}

uint32_t MemoryModel::NewLocation() {
  if (location_count_ == locations_.size()) locations_.emplace_back();
  Location& location = locations_[location_count_];
  location.stores = 0;
  location.birth = {};
  location.destroyed = false;
  location.accessed = {};
  location.stale_in_a_row = {};
  return static_cast<uint32_t>(location_count_++);
}

uint32_t MemoryModel::AddAtomic(int thread, uint64_t value) {
  const uint32_t index = NewLocation();
  Tick(thread);
  locations_[index].birth = {.thread = thread, .time = threads_[thread].time};
  Append(thread, locations_[index], value, std::memory_order_relaxed, {});
  return index;
}

uint32_t MemoryModel::AddOldAtomic(uint64_t value) {
  const uint32_t index = NewLocation();
  Location& location = locations_[index];
  location.stores = 1;
  AtAge(location, 0) = {.value = value, .message = {}, .first_seen = {}};  // at time 0, by all
  return index;
}

Violation MemoryModel::CheckAtomic(int thread, uint32_t index) {
  Location& location = locations_[index];
  if (location.destroyed) return Violation::kDestroyed;
  if (!Knows(thread, location.birth)) return Violation::kNotCreated;
  Tick(thread);
  location.accessed.Set(thread, threads_[thread].time);
  return Violation::kNone;
}

// The oldest store that `thread` may return is the newest one it is bound to know.
uint32_t MemoryModel::OldestAllowed(int thread, Location& location, std::memory_order order) {
  Clock bound = threads_[thread].now.visible;
  if (IsTotal(order)) {
    bound.Join(fenced_);
    bound.Set(kTotalOrder, total_order_);
  }
  const uint32_t kept = std::min(location.stores, kHistory);
  uint32_t age = 0;
  while (age + 1 < kept && !AtAge(location, age).first_seen.AnyAtMost(bound)) ++age;
  return age;
}

uint32_t MemoryModel::ChooseAge(int thread, Location& location, std::memory_order order,
                                Random& random) {
  const uint32_t oldest = OldestAllowed(thread, location, order);
  uint8_t& in_a_row = location.stale_in_a_row[thread];
  const bool stale =
      oldest > 0 && stale_one_in_ != 0 && in_a_row < kStaleInARow && random.OneIn(stale_one_in_);
  in_a_row = stale ? in_a_row + 1 : 0;
  return stale ? 1 + random.Below(oldest) : 0;
}

MemoryModel::Read MemoryModel::Load(int thread, uint32_t index, std::memory_order order,
                                    Random& random) {
  Location& location = locations_[index];
  const uint32_t age = ChooseAge(thread, location, order, random);
  StoreRecord& store = AtAge(location, age);
  See(thread, store, order);
  return {.value = store.value, .age = age};
}

MemoryModel::Read MemoryModel::LoadOther(int thread, uint32_t index, uint64_t not_value,
                                         std::memory_order order, Random& random) {
  Location& location = locations_[index];
  uint32_t age = ChooseAge(thread, location, order, random);
  if (AtAge(location, age).value == not_value) age = 0;
  StoreRecord& store = AtAge(location, age);
  See(thread, store, order);
  return {.value = store.value, .age = age};
}

void MemoryModel::LoadNewest(int thread, uint32_t index, std::memory_order order) {
  See(thread, AtAge(locations_[index], 0), order);
}

void MemoryModel::See(int thread, StoreRecord& store, std::memory_order order) {
  Thread& self = threads_[thread];
  store.first_seen.Set(thread, std::min(store.first_seen.At(thread), self.time));
  if (IsTotal(order)) {
    store.first_seen.Set(kTotalOrder, std::min(store.first_seen.At(kTotalOrder), ++total_order_));
  }
  Learn(self, store.message, order);
}

void MemoryModel::Learn(Thread& thread, const Knowledge& message, std::memory_order order) {
  (IsAcquire(order) ? thread.now : thread.pending).Join(message);
}

void MemoryModel::Store(int thread, uint32_t index, uint64_t value, std::memory_order order) {
  Append(thread, locations_[index], value, order, {});
}

void MemoryModel::Replace(int thread, uint32_t index, uint64_t value, std::memory_order order) {
  Location& location = locations_[index];
  const Knowledge continued = AtAge(location, 0).message;
  Learn(threads_[thread], continued, order);
  Append(thread, location, value, order, continued);
}

void MemoryModel::Append(int thread, Location& location, uint64_t value, std::memory_order order,
                         const Knowledge& continued) {
  Thread& self = threads_[thread];
  ++location.stores;
  StoreRecord& store = AtAge(location, 0);
  store.value = value;
  store.message = IsRelease(order) ? self.now : self.released;
  store.message.Join(continued);
  store.first_seen = Clock::Never();
  store.first_seen.Set(thread, self.time);
  if (IsTotal(order)) store.first_seen.Set(kTotalOrder, ++total_order_);
}

Violation MemoryModel::DestroyAtomic(int thread, uint32_t index) {
  Location& location = locations_[index];
  if (location.destroyed) return Violation::kDestroyed;
  location.destroyed = true;
  if (!Knows(thread, location.birth)) return Violation::kNotCreated;
  if (!location.accessed.AllAtMost(threads_[thread].now.happened)) return Violation::kStillUsed;
  return Violation::kNone;
}

void MemoryModel::Fence(int thread, std::memory_order order) {
  Thread& self = threads_[thread];
  Tick(thread);
  if (IsAcquire(order)) self.now.Join(self.pending);
  if (IsTotal(order)) {
    self.now.visible.Join(fenced_);
    self.now.visible.Set(kTotalOrder, ++total_order_);
    fenced_.Join(self.now.visible);
  }
  if (IsRelease(order)) self.released = self.now;
}

void MemoryModel::CompilerFence(int thread) {
  Thread& self = threads_[thread];
  Tick(thread);
  self.now.Join(barriers_);
  self.compiled = self.now;
}

void MemoryModel::BarrierOnEveryThread(int thread) {
  Fence(thread, std::memory_order_seq_cst);
  Thread& self = threads_[thread];
  const Knowledge before = self.now;
  for (int other = 0; other < thread_count_; ++other) {
    if (other != thread) self.now.Join(threads_[other].compiled);
  }
  self.now.Join(barriers_);
  self.released = self.now;
  self.compiled = self.now;
  barriers_.Join(before);
}

uint32_t MemoryModel::AddPlain(int thread) {
  if (plain_count_ == plain_.size()) plain_.emplace_back();
  Tick(thread);
  plain_[plain_count_] = {.last_write = {.thread = thread, .time = threads_[thread].time}};
  return static_cast<uint32_t>(plain_count_++);
}

uint32_t MemoryModel::AddOldPlain() {
  if (plain_count_ == plain_.size()) plain_.emplace_back();
  plain_[plain_count_] = {};
  return static_cast<uint32_t>(plain_count_++);
}

Violation MemoryModel::ReadPlain(int thread, uint32_t index) {
  PlainObject& object = plain_[index];
  if (object.destroyed) return Violation::kDestroyed;
  if (!Knows(thread, object.last_write)) return Violation::kWriteRace;
  Tick(thread);
  object.reads.Set(thread, threads_[thread].time);
  return Violation::kNone;
}

Violation MemoryModel::WritePlain(int thread, uint32_t index) {
  PlainObject& object = plain_[index];
  if (object.destroyed) return Violation::kDestroyed;
  if (!Knows(thread, object.last_write)) return Violation::kWriteRace;
  if (!object.reads.AllAtMost(threads_[thread].now.happened)) return Violation::kReadRace;
  Tick(thread);
  object.last_write = {.thread = thread, .time = threads_[thread].time};
  return Violation::kNone;
}

Violation MemoryModel::DestroyPlain(int thread, uint32_t index) {
  const Violation violation = WritePlain(thread, index);
  plain_[index].destroyed = true;
  return violation;
}

void MemoryModel::HandOver(int thread, Knowledge& to) {
  Tick(thread);
  to = threads_[thread].now;
}

}  // namespace blixard::memory::schedules
