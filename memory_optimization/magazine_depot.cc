#include "memory_optimization/magazine_depot.h"

#include <glog/logging.h>

#include <algorithm>
#include <new>
#include <utility>

namespace blixard::memory {

using internal::Magazine;
using internal::ThreadMagazines;

namespace {

// Tries before the thread sleeps: the mutex is held for tens of nanoseconds, waking costs
// thousands.
constexpr int kSpins = 100;

void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

// A waiter looks again this often: a put under way when it began to wait may have been missed.
constexpr std::chrono::milliseconds kLookAgain(1);

}  // namespace

MagazineDepot::MagazineDepot(const MagazineDepotOptions& options)
    : options_(options), entry_(ThreadMagazines::ClaimEntry()), key_(entry_) {
  CHECK(options_.dispose != nullptr) << "depot \"" << options_.name << "\""
                                     << ": dispose is not set";
}

MagazineDepot::~MagazineDepot() {
  ThreadMagazines::ReleaseEntry(entry_, magazines_);
  {
    const auto lock = Lock();
    while (Magazine* magazine = magazines_) {
      SettleOwn(magazine);
      magazine->slots.StackHot();
      PushColdest(magazine->slots, magazine->slots.stacked());
      magazines_ = magazine->next_of_depot;
      delete magazine;
    }
  }
  for (void* item : idle_) options_.dispose(item, options_.context);
}

MagazineDepot::Grant MagazineDepot::TakeFromDepot(CallSite site) {
  Magazine* own = ThreadMagazines::FindOrRegister(*this);
  auto lock = Lock();
  NotePeak();
  if (void* item = SettleOwn(own); item != nullptr) return {.item = item};
  Grant grant = TryGrant(own, site);
  if (grant.is_empty() && options_.on_exhausted == OnExhausted::kWait) grant = Wait(lock, site);
  if (grant.is_empty()) ++exhausted_;
  return grant;
}

void MagazineDepot::PutIntoDepot(void* item) {
  Magazine* own = ThreadMagazines::FindOrRegister(*this);
  {
    const auto lock = Lock();
    NotePeak();
    SettleOwn(own, item);
    if (Keep(item, own)) return;
  }
  options_.dispose(item, options_.context);  // still counted, so that its owner stays
  const auto lock = Lock();
  --items_;
  ++dropped_;
  returned_.notify_one();  // a waiter may build in its place
}

void MagazineDepot::PutFromElsewhereIntoDepot(void* item) {
  {
    const auto lock = Lock();
    ++from_elsewhere_;
  }
  PutIntoDepot(item);
}

void MagazineDepot::RefuseBuild() {
  AbandonBuild();
  const auto lock = Lock();
  ++exhausted_;
}

void MagazineDepot::AbandonBuild() {
  const auto lock = Lock();
  CHECK_GT(items_, idle_.size()) << "pool \"" << options_.name
                                 << "\": no leave to build is outstanding";
  --items_;
  --built_;
  returned_.notify_one();
}

bool MagazineDepot::AddIdle(void* item, size_t limit) {
  const auto lock = Lock();
  if (items_ >= limit || DepotRoom() == 0) return false;
  ReserveIdle(items_ + 1);
  ++items_;
  PushIdle(item);
  return true;
}

void MagazineDepot::Discard(void* item) {
  options_.dispose(item, options_.context);
  const auto lock = Lock();
  NotePeak();
  --items_;
  ++dropped_;
  returned_.notify_one();
}

size_t MagazineDepot::Shrink(size_t max_items) {
  size_t gone = 0;
  for (; gone < max_items; ++gone) {
    void* item = nullptr;
    {
      const auto lock = Lock();
      NotePeak();
      if (idle_.empty()) StealFromOthers(nullptr, max_items - gone);
      item = PopIdle();
      if (item == nullptr) break;
      --items_;
    }
    options_.dispose(item, options_.context);
  }
  return gone;
}

size_t MagazineDepot::Trim(size_t min_items) {
  const size_t items = CountItems();
  return items > min_items ? Shrink(items - min_items) : 0;
}

PoolStats MagazineDepot::Stats() const {
  const auto lock = Lock();
  PoolStats stats{.idle = idle_.size(),
                  .peak = ComputePeak(),
                  .acquired = taken_ + built_,
                  .misses = built_,
                  .exhausted = exhausted_,
                  .grown = grown_,
                  .dropped = dropped_,
                  .returned_elsewhere = from_elsewhere_};
  for (const Magazine* m = magazines_; m != nullptr; m = m->next_of_depot) {
    stats.idle += m->slots.idle();
    stats.acquired += m->slots.taken();
    stats.returned_elsewhere += m->from_elsewhere.load(std::memory_order_relaxed);
  }
  stats.hits = stats.acquired - stats.misses;
  // The counts were read one after the other: an item that moved meanwhile may be in two of them.
  stats.idle = std::min<uint64_t>(stats.idle, items_);
  stats.live = items_ - stats.idle;
  return stats;
}

size_t MagazineDepot::CountItems() const {
  const auto lock = Lock();
  return items_;
}

Magazine* MagazineDepot::Register() {
  const auto lock = Lock();
  NotePeak();
  // Magazines may take half of what may be idle: the sum of all stays within max_idle.
  const size_t reservable = options_.max_idle / 2 - reserved_;
  const size_t quota = std::min({options_.magazine_items, reservable, size_t{Magazine::kCapacity}});
  if (quota == 0) return nullptr;
  Magazine* magazine = magazines_;
  while (magazine != nullptr && magazine->quota != 0) magazine = magazine->next_of_depot;
  if (magazine == nullptr) {
    magazine = new (std::nothrow) Magazine;
    if (magazine == nullptr) return nullptr;
    magazine->depot = this;
    magazine->next_of_depot = magazines_;
    magazines_ = magazine;
  }
  magazine->quota = static_cast<uint32_t>(quota);
  reserved_ += quota;
  magazine->slots.SetCapacity(magazine->quota - 1);  // and the hot slot
  const size_t depot_limit = options_.max_idle - reserved_;
  while (idle_.size() > depot_limit) magazine->slots.Push(PopIdle());
  LeaveOwn(magazine);
  magazine->thread.store(internal::ThisThread(), std::memory_order_relaxed);
  return magazine;
}

void MagazineDepot::Unregister(Magazine* magazine) {
  const auto lock = Lock();
  NotePeak();
  SettleOwn(magazine);
  PushColdest(magazine->slots, magazine->slots.stacked());
  magazine->slots.MarkLowest();
  reserved_ -= magazine->quota;
  magazine->quota = 0;
  magazine->thread.store(nullptr, std::memory_order_relaxed);
  if (waiters_ > 0) returned_.notify_all();
}

std::unique_lock<std::mutex> MagazineDepot::Lock() const {
  for (int i = 0; i < kSpins; ++i) {
    if (mutex_.try_lock()) return std::unique_lock(mutex_, std::adopt_lock);
    Pause();
  }
  return std::unique_lock(mutex_);
}

MagazineDepot::Grant MagazineDepot::TryGrant(Magazine* own, CallSite site) {
  if (void* item = TakeIdle(own); item != nullptr) return {.item = item};
  if (items_ < options_.max_items) return GrantBuild(site);
  StealFromOthers(own, DepotRoom() + 1);  // one of them leaves at once
  if (void* item = TakeIdle(own); item != nullptr) return {.item = item};
  if (options_.on_exhausted != OnExhausted::kGrow && options_.on_exhausted != OnExhausted::kHeap) {
    return {};
  }
  const Grant grant = GrantBuild(site);
  ++grown_;
  return grant;
}

MagazineDepot::Grant MagazineDepot::Wait(std::unique_lock<std::mutex>& lock, CallSite site) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + options_.wait_at_most;
  Grant grant;
  ++waiters_;
  for (auto now = Clock::now(); grant.is_empty() && now < deadline; now = Clock::now()) {
    DivertPuts();
    returned_.wait_until(lock, std::min<Clock::time_point>(deadline, now + kLookAgain));
    grant = TryGrant(nullptr, site);
  }
  --waiters_;
  return grant;
}

// What every visit of a magazine's owner does first. The hot slot is empty afterwards.
void* MagazineDepot::SettleOwn(Magazine* own, const void* returning) {
  if (own == nullptr) return nullptr;
  void* item = own->slots.Settle();
  CHECK(returning == nullptr || !own->slots.HasHot(returning))
      << "pool \"" << options_.name << "\": double release, object " << returning;
  own->slots.StackHot();
  own->slots.MarkLowest();
  if (own->quota != 0 && waiters_ == 0) {
    own->thread.store(internal::ThisThread(), std::memory_order_relaxed);
  }
  return item;
}

// What it does last: `lowest` tells about the idle items from here on. One item too many for the
// stack goes back into the hot slot, of which `lowest` knows nothing, so not without need.
void MagazineDepot::LeaveOwn(Magazine* own) {
  if (own == nullptr) return;
  if (own->slots.stacked() > own->slots.capacity()) own->slots.TryPut(own->slots.Pop());
  own->slots.MarkLowest();
}

size_t MagazineDepot::DepotRoom() const {
  const size_t limit = options_.max_idle - reserved_;
  return limit > idle_.size() ? limit - idle_.size() : 0;
}

// Room for every item in existence, made before items come into existence: moving them never
// allocates.
void MagazineDepot::ReserveIdle(size_t items) {
  if (idle_.capacity() < items) idle_.reserve(std::max(items, 2 * idle_.capacity()));
}

// At once, because the depot's end is in another processor's cache more often than not.
void MagazineDepot::PushColdest(Slots& slots, uint32_t count) {
  slots.TakeColdest(count,
                    [this](auto first, auto last) { idle_.insert(idle_.end(), first, last); });
}

void* MagazineDepot::PopIdle() {
  if (idle_.empty()) return nullptr;
  void* item = idle_.back();
  idle_.pop_back();
  return item;
}

// Items outside the depot are live or in a magazine; each magazine held at least its `lowest`.
uint64_t MagazineDepot::ComputePeak() const {
  uint64_t in_magazines = 0;
  for (const Magazine* m = magazines_; m != nullptr; m = m->next_of_depot) {
    in_magazines += m->slots.lowest();
  }
  const uint64_t outside = items_ - idle_.size();
  return std::max(peak_, outside - std::min(outside, in_magazines));
}

void* MagazineDepot::TakeIdle(Magazine* own) {
  void* item = own != nullptr ? own->slots.Pop() : nullptr;
  if (item == nullptr) {
    item = PopIdle();
    if (item != nullptr && own != nullptr) Refill(*own);
  }
  if (item != nullptr) ++taken_;
  LeaveOwn(own);
  return item;
}

// Half a magazine, the warmest on top.
void MagazineDepot::Refill(Magazine& own) {
  const size_t count = std::min<size_t>(own.slots.capacity() / 2, idle_.size());
  own.slots.PushAll(idle_.data() + idle_.size() - count, static_cast<uint32_t>(count));
  idle_.resize(idle_.size() - count);
}

// A full magazine moves its colder half to the depot first. False: magazine and depot are full.
bool MagazineDepot::Keep(void* item, Magazine* own) {
  if (own == nullptr || waiters_ > 0) {
    if (DepotRoom() == 0 && waiters_ == 0) return false;
    PushIdle(item);
    if (waiters_ > 0) returned_.notify_one();
    return true;
  }
  const uint32_t stacked = own->slots.stacked();
  if (stacked >= own->slots.capacity()) {
    const size_t room = DepotRoom();
    if (room == 0 && stacked >= own->quota) {
      LeaveOwn(own);
      return false;
    }
    const size_t half = std::min<size_t>((stacked + 1) / 2, room);
    PushColdest(own->slots, static_cast<uint32_t>(half));
  }
  own->slots.Push(item);
  LeaveOwn(own);
  return true;
}

MagazineDepot::Grant MagazineDepot::GrantBuild(CallSite site) {
  seal_.CheckMayGrow(options_.name, site);
  ReserveIdle(items_ + 1);
  ++items_;
  ++built_;
  return {.may_build = true};
}

// From the first other thread that has some.
void MagazineDepot::StealFromOthers(const Magazine* own, size_t max_items) {
  for (Magazine* m = magazines_; m != nullptr; m = m->next_of_depot) {
    if (m == own || m->slots.idle() == 0 || !m->slots.Shut()) continue;
    if (m->slots.Steal(max_items, [this](void* item) { PushIdle(item); }) > 0) return;
  }
}

// Somebody waits: whoever puts next comes to the depot with it.
void MagazineDepot::DivertPuts() {
  for (Magazine* m = magazines_; m != nullptr; m = m->next_of_depot) {
    m->thread.store(nullptr, std::memory_order_relaxed);
  }
}

}  // namespace blixard::memory
