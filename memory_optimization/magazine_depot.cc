#include "memory_optimization/magazine_depot.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::memory {

using internal::Magazine;

namespace internal {

[[gnu::tls_model("initial-exec")]] constinit thread_local std::array<MagazineLookup, kLookupEntries>
    this_thread_lookup = {};

}  // namespace internal

namespace {

std::atomic<uint64_t> last_serial = 0;

// Orders the death of depots with the exit of threads. Taken before any depot's mutex.
constinit std::mutex lifetime_mutex;

constinit thread_local Magazine* this_thread_magazines = nullptr;
// Set by the janitor: thread-local destructors that run after it still may use pools.
constinit thread_local bool this_thread_has_left = false;

uint32_t Count(const Magazine& magazine) { return magazine.count.load(std::memory_order_relaxed); }

void SetCount(Magazine& magazine, uint32_t count) {
  magazine.count.store(count, std::memory_order_relaxed);
  magazine.lowest.store(count, std::memory_order_relaxed);
}

// Moves the `count` coldest items of `magazine` to the end of `to`, which has room.
void TakeColdest(Magazine& magazine, uint32_t count, std::vector<void*>& to) {
  const auto first = magazine.items.begin();
  to.insert(to.end(), first, first + count);
  std::copy(first + count, first + Count(magazine), first);
  SetCount(magazine, Count(magazine) - count);
}

// Moves the `count` warmest items of `from` onto `magazine`, the warmest on top.
void GiveWarmest(std::vector<void*>& from, size_t count, Magazine& magazine) {
  std::copy(from.end() - count, from.end(), magazine.items.begin() + Count(magazine));
  from.resize(from.size() - count);
  SetCount(magazine, Count(magazine) + static_cast<uint32_t>(count));
}

}  // namespace

// The magazines of the calling thread: made on the first visit to a depot, emptied at thread exit.
struct ThreadMagazines {
  // Null when the thread is past its janitor.
  static Magazine* FindOrRegister(MagazineDepot& depot) {
    if (this_thread_has_left) return nullptr;
    Magazine* magazine = Find(depot.serial_);
    if (magazine == nullptr) {
      ArmJanitor();
      magazine = new Magazine;
      magazine->serial = depot.serial_;
      magazine->depot.store(&depot, std::memory_order_relaxed);
      magazine->next_of_thread = this_thread_magazines;
      this_thread_magazines = magazine;
      depot.Register(magazine);
    }
    internal::this_thread_lookup[depot.serial_ % internal::kLookupEntries] = {depot.serial_,
                                                                              magazine};
    return magazine;
  }

  // Walks this thread's list, and frees what dead depots left in it.
  static Magazine* Find(uint64_t serial) {
    Magazine** link = &this_thread_magazines;
    while (*link != nullptr) {
      Magazine* magazine = *link;
      if (magazine->serial == serial) return magazine;
      if (magazine->depot.load(std::memory_order_acquire) == nullptr) {
        *link = magazine->next_of_thread;
        delete magazine;
      } else {
        link = &magazine->next_of_thread;
      }
    }
    return nullptr;
  }

  static void ArmJanitor() {
    struct Janitor {
      ~Janitor() { LeaveAll(); }
      bool armed = false;
    };
    thread_local Janitor janitor;
    janitor.armed = true;
  }

  static void LeaveAll() {
    this_thread_has_left = true;
    internal::this_thread_lookup.fill({});
    while (this_thread_magazines != nullptr) {
      Magazine* magazine = this_thread_magazines;
      this_thread_magazines = magazine->next_of_thread;
      {
        const std::lock_guard lock(lifetime_mutex);
        MagazineDepot* depot = magazine->depot.load(std::memory_order_acquire);
        if (depot != nullptr) depot->Unregister(magazine);
      }
      delete magazine;
    }
  }
};

MagazineDepot::MagazineDepot(const MagazineDepotOptions& options)
    : options_(options), serial_(last_serial.fetch_add(1, std::memory_order_relaxed) + 1) {
  CHECK(options_.dispose != nullptr) << "depot " << serial_ << ": dispose is not set";
}

MagazineDepot::~MagazineDepot() {
  {
    const std::lock_guard lifetime(lifetime_mutex);
    const std::lock_guard lock(mutex_);
    for (Magazine* magazine : magazines_) {
      TakeColdest(*magazine, Count(*magazine), idle_);
      magazine->depot.store(nullptr, std::memory_order_release);  // its thread may free it now
    }
  }
  for (void* item : idle_) options_.dispose(item, options_.context);
}

MagazineDepot::Grant MagazineDepot::TakeFromDepot() {
  Magazine* own = ThreadMagazines::FindOrRegister(*this);
  const std::lock_guard lock(mutex_);
  NotePeak();
  if (void* item = TakeIdle(own); item != nullptr) return {.item = item};
  if (items_ < options_.max_items) return GrantBuild(own);
  FetchFromOthers(own, DepotRoom() + 1);  // one of them leaves at once
  if (void* item = TakeIdle(own); item != nullptr) return {.item = item};
  if (options_.on_exhausted == OnExhausted::kGrow) {
    ++grown_;
    return GrantBuild(own);
  }
  ++exhausted_;
  return {};
}

void MagazineDepot::PutIntoDepot(void* item) {
  Magazine* own = ThreadMagazines::FindOrRegister(*this);
  {
    const std::lock_guard lock(mutex_);
    NotePeak();
    if (Keep(item, own)) return;
    --items_;
  }
  options_.dispose(item, options_.context);
}

void MagazineDepot::RefuseBuild() {
  const std::lock_guard lock(mutex_);
  CHECK_GT(items_, idle_.size()) << "depot " << serial_ << ": no leave to build is outstanding";
  --items_;
  --acquired_;  // counted when leave was given; unsigned arithmetic settles it with the magazines'
                // counts
  ++exhausted_;
}

bool MagazineDepot::AddIdle(void* item, size_t limit) {
  const std::lock_guard lock(mutex_);
  if (items_ >= limit || DepotRoom() == 0) return false;
  ++items_;
  ReserveIdle();
  idle_.push_back(item);
  return true;
}

size_t MagazineDepot::Shrink(size_t max_items) {
  size_t dropped = 0;
  while (dropped < max_items) {
    void* item = nullptr;
    {
      const std::lock_guard lock(mutex_);
      NotePeak();
      if (idle_.empty()) FetchFromOthers(nullptr, 1);
      if (idle_.empty()) break;
      item = idle_.back();
      idle_.pop_back();
      --items_;
    }
    options_.dispose(item, options_.context);
    ++dropped;
  }
  return dropped;
}

PoolStats MagazineDepot::Stats() const {
  const std::lock_guard lock(mutex_);
  PoolStats stats{.idle = idle_.size(),
                  .peak = ComputePeak(),
                  .acquired = acquired_,
                  .exhausted = exhausted_,
                  .grown = grown_};
  for (const Magazine* magazine : magazines_) {
    stats.idle += Count(*magazine);
    stats.acquired += magazine->acquired.load(std::memory_order_relaxed);
  }
  // The counts were read one after the other: an item that moved meanwhile may be in two of them.
  stats.idle = std::min<uint64_t>(stats.idle, items_);
  stats.live = items_ - stats.idle;
  return stats;
}

size_t MagazineDepot::CountItems() const {
  const std::lock_guard lock(mutex_);
  return items_;
}

void MagazineDepot::Register(Magazine* magazine) {
  const std::lock_guard lock(mutex_);
  NotePeak();
  // Magazines may take half of what may be idle: the sum of all stays within max_idle.
  const size_t reservable = options_.max_idle / 2 - reserved_;
  magazine->capacity = static_cast<uint32_t>(
      std::min({options_.magazine_items, reservable, size_t{Magazine::kCapacity}}));
  reserved_ += magazine->capacity;
  magazines_.push_back(magazine);
  const size_t depot_limit = options_.max_idle - reserved_;
  if (idle_.size() > depot_limit) GiveWarmest(idle_, idle_.size() - depot_limit, *magazine);
}

void MagazineDepot::Unregister(Magazine* magazine) {
  const std::lock_guard lock(mutex_);
  NotePeak();
  TakeColdest(*magazine, Count(*magazine), idle_);
  acquired_ += magazine->acquired.load(std::memory_order_relaxed);
  reserved_ -= magazine->capacity;
  magazines_.erase(std::find(magazines_.begin(), magazines_.end(), magazine));
}

size_t MagazineDepot::DepotRoom() const {
  const size_t limit = options_.max_idle - reserved_;
  return limit > idle_.size() ? limit - idle_.size() : 0;
}

// Room for every item in existence, made when items come into existence: moving them never
// allocates.
void MagazineDepot::ReserveIdle() {
  if (idle_.capacity() < items_) idle_.reserve(std::max(items_, 2 * idle_.capacity()));
}

// Items outside the depot are live or in a magazine; each magazine held at least its `lowest`.
uint64_t MagazineDepot::ComputePeak() const {
  uint64_t in_magazines = 0;
  for (const Magazine* magazine : magazines_) {
    in_magazines += magazine->lowest.load(std::memory_order_relaxed);
  }
  const uint64_t outside = items_ - idle_.size();
  return std::max(peak_, outside - std::min(outside, in_magazines));
}

void MagazineDepot::CountAcquired(Magazine* own) {
  if (own == nullptr) {
    ++acquired_;
  } else {
    own->acquired.store(own->acquired.load(std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  }
}

void* MagazineDepot::TakeIdle(Magazine* own) {
  void* item = nullptr;
  if (own != nullptr && Count(*own) > 0) {
    SetCount(*own, Count(*own) - 1);
    item = own->items[Count(*own)];
  } else if (!idle_.empty()) {
    item = idle_.back();
    idle_.pop_back();
    if (own != nullptr) {
      GiveWarmest(idle_, std::min<size_t>(own->capacity / 2, idle_.size()), *own);
    }
  }
  if (item != nullptr) CountAcquired(own);
  return item;
}

// A full magazine moves its colder half to the depot first. False: magazine and depot are full.
bool MagazineDepot::Keep(void* item, Magazine* own) {
  const size_t room = DepotRoom();
  if (own == nullptr || own->capacity == 0) {
    if (room == 0) return false;
    idle_.push_back(item);
    return true;
  }
  if (Count(*own) == own->capacity) {
    if (room == 0) return false;
    const size_t half = (own->capacity + 1) / 2;
    TakeColdest(*own, static_cast<uint32_t>(std::min(half, room)), idle_);
  }
  own->items[Count(*own)] = item;
  SetCount(*own, Count(*own) + 1);
  return true;
}

MagazineDepot::Grant MagazineDepot::GrantBuild(Magazine* own) {
  ++items_;
  ReserveIdle();
  CountAcquired(own);
  if (own != nullptr) SetCount(*own, 0);  // only an empty magazine leads here
  return {.may_build = true};
}

// Up to `max_items` from the first other thread that has some, its coldest; at most half of them.
void MagazineDepot::FetchFromOthers(const Magazine* own, size_t max_items) {
  for (Magazine* magazine : magazines_) {
    if (magazine == own || Count(*magazine) == 0 || !magazine->gate.TryShut()) continue;
    const size_t half = (Count(*magazine) + 1) / 2;
    TakeColdest(*magazine, static_cast<uint32_t>(std::min(half, max_items)), idle_);
    magazine->gate.Open();
    if (!idle_.empty()) return;
  }
}

}  // namespace blixard::memory
