#include "memory_optimization/arc_cache_core.h"

#include <glog/logging.h>

#include <algorithm>

namespace blixard::memory::internal {
namespace {

using Protocol = PinProtocol<>;

constexpr uint64_t kMinCollectedEntries = 32;
constexpr uint64_t kCollectedShare = 16;  // one part in sixteen of the weight bound
constexpr size_t kMaxExamined = 1024;     // candidates looked at before an insertion is refused

std::atomic<uint32_t> last_number = 0;

// 1 to 65535, again and again: it only tells the guards of different caches apart in statistics.
uint64_t NextNumber() {
  return uint64_t{last_number.fetch_add(1, std::memory_order_relaxed) % 65535 + 1} << kAddressBits;
}

}  // namespace

RemovedEntries::~RemovedEntries() {
  while (CacheEntry* entry = NextWatched()) DropCountedPin(*entry);
  while (free_ != nullptr) {
    const std::shared_ptr<CacheEntry> owner = std::move(free_->self);
    free_ = owner->next;
  }
}

void RemovedEntries::TakeOver(CacheEntry* entry) {
  entry->next = free_;
  free_ = entry;
}

void RemovedEntries::Watch(CacheEntry* entry) {
  AddCountedPins(*entry, 1);
  entry->previous = watched_;
  watched_ = entry;
}

CacheEntry* RemovedEntries::NextWatched() {
  CacheEntry* entry = watched_;
  if (entry != nullptr) watched_ = entry->previous;
  return entry;
}

CacheCore::CacheCore(const CacheCoreOptions& options)
    : options_(options), number_(NextNumber()), lock_free_(Protocol::Settle()) {
  if (!lock_free_) table_.CloseForReaders();
  collect_at_entries_ = kMinCollectedEntries;
  collect_at_weight_ = std::max<uint64_t>(1, options_.max_weight / kCollectedShare);
}

CacheCore::~CacheCore() {
  RemovedEntries removed;
  const std::lock_guard lock(mutex_);
  queues_.ForEach([this](CacheEntry* entry) {
    queues_.Remove(entry);
    table_.Erase(entry);
    entry->next = std::exchange(detached_, entry);
    ++detached_entries_;
    detached_weight_ += entry->weight;
  });
  CollectNow(removed);
  CHECK_EQ(detached_entries_, 0u) << "entries are still pinned while their ArcCache is destroyed; "
                                     "what must outlive the cache calls Share()";
  CHECK_EQ(counted_pins_.load(std::memory_order_relaxed), 0u) << "pins without an entry";
}

PinWord* CacheCore::Pin(CacheEntry* entry, PinBlock* block) {
  PinWord* slot = block == nullptr ? nullptr : block->SearchEmptySlot();
  if (slot == nullptr) {
    AddCountedPins(*entry, 1);
  } else {
    slot->store(PinOf(entry), PinOrders<MachineAtomics>::kAnnounce);
  }
  return slot;
}

bool CacheCore::Fits(uint64_t weight) const {
  return queues_.entries() < options_.max_entries && weight <= options_.max_weight &&
         queues_.weight() <= options_.max_weight - weight;
}

void CacheCore::ReserveOne() {
  const uint64_t entries = std::min(queues_.entries() + 1, options_.max_entries);
  if (table_.HasRoom(entries)) return;
  queues_.Reserve(table_.CountCells());
  table_.Grow();
}

bool CacheCore::Insert(CacheEntry* entry, RemovedEntries& removed) {
  ReserveOne();
  if (!MakeRoom(entry->weight, removed)) return false;
  entry->cache_pins = &counted_pins_;
  queues_.Insert(entry);
  table_.Insert(entry);
  return true;
}

// Evicts a little more than needed, because every round costs a barrier on every thread; more and
// more while pinned entries stand in the way.
bool CacheCore::MakeRoom(uint64_t weight, RemovedEntries& removed) {
  if (weight > options_.max_weight || options_.max_entries == 0) return false;
  size_t want = std::clamp<size_t>(queues_.entries() / kGroup, 1, kGroup / 2);
  const size_t limit = std::min<size_t>(kMaxExamined, 4 * queues_.entries());
  for (size_t examined = 0; !Fits(weight); examined += want) {
    if (examined > limit) return false;
    if (!EvictSome(want, weight, removed)) want = std::min(2 * want, kGroup);
  }
  return true;
}

// Looks at `want` candidates. False: none could go.
bool CacheCore::EvictSome(size_t want, uint64_t weight, RemovedEntries& removed) {
  std::array<CacheEntry*, kGroup> candidates;
  size_t count = 0;
  while (count < want && (candidates[count] = queues_.TakeVictim()) != nullptr) ++count;
  const Group group(candidates.data(), count);
  for (CacheEntry* entry : group) table_.Hide(entry);
  MarkPinned(group);
  const size_t enough = std::clamp<size_t>(queues_.entries() / kGroup, 1, kGroup / 2);
  size_t evicted = 0;
  for (CacheEntry* entry : group) {
    if (entry->seen_pinned || (evicted >= enough && Fits(weight))) {
      table_.Unhide(entry);
      queues_.Spare(entry);
      continue;
    }
    table_.Erase(entry);
    queues_.Forget(entry);
    CountRemoval(RemovalReason::kEvicted);
    entry->reason = RemovalReason::kEvicted;
    entry->must_notify = options_.has_listener;
    removed.TakeOver(entry);
    ++evicted;
  }
  return evicted > 0;
}

bool CacheCore::Settle() const { return !lock_free_ || Protocol::Settle(); }

// Slots before counts: a guard in a slot may be copied into the count, and only then be released.
void CacheCore::MarkPinned(Group group) const {
  const bool settled = Settle();
  std::array<CacheEntry*, kGroup> sorted;
  const auto end = std::copy(group.begin(), group.end(), sorted.begin());
  std::sort(sorted.begin(), end);
  for (CacheEntry* entry : group) entry->seen_pinned = !settled;
  for (const PinBlock* block = FirstPinBlock(); block != nullptr; block = block->next) {
    for (const PinWord& slot : block->slots) {
      const uint64_t pin = Protocol::Look(slot);
      if ((pin & ~kAddressMask) != number_) continue;
      auto* entry = CellArray::EntryOf(pin);
      if (std::binary_search(sorted.begin(), end, entry)) entry->seen_pinned = true;
    }
  }
  for (CacheEntry* entry : group) {
    if (entry->counted_pins.load(std::memory_order_acquire) > 0) entry->seen_pinned = true;
  }
}

void CacheCore::Remove(CacheEntry* entry, RemovalReason reason, RemovedEntries& removed) {
  queues_.Remove(entry);
  table_.Erase(entry);
  CountRemoval(reason);
  entry->reason = reason;
  entry->next = std::exchange(detached_, entry);
  ++detached_entries_;
  detached_weight_ += entry->weight;
  if (options_.has_listener) removed.Watch(entry);
}

void CacheCore::RemoveAll(RemovedEntries& removed) {
  queues_.ForEach([&](CacheEntry* entry) { Remove(entry, RemovalReason::kInvalidated, removed); });
}

void CacheCore::RemoveExpired(uint64_t now_ns, RemovedEntries& removed) {
  queues_.ForEach([&](CacheEntry* entry) {
    if (entry->expires_at_ns <= now_ns) Remove(entry, RemovalReason::kExpired, removed);
  });
}

void CacheCore::Collect(RemovedEntries& removed) {
  if (detached_entries_ < collect_at_entries_ && detached_weight_ < collect_at_weight_) return;
  CollectNow(removed);
  collect_at_entries_ = std::max(kMinCollectedEntries, 2 * detached_entries_);
  collect_at_weight_ =
      std::max({uint64_t{1}, options_.max_weight / kCollectedShare, 2 * detached_weight_});
}

void CacheCore::CollectNow(RemovedEntries& removed) {
  CacheEntry** link = &detached_;
  while (*link != nullptr) {
    std::array<CacheEntry*, kGroup> entries;
    size_t count = 0;
    for (CacheEntry* entry = *link; entry != nullptr && count < kGroup; entry = entry->next) {
      entries[count++] = entry;
    }
    MarkPinned(Group(entries.data(), count));
    for (size_t i = 0; i < count; ++i) {
      CacheEntry* entry = *link;
      if (entry->seen_pinned) {
        link = &entry->next;
        continue;
      }
      *link = entry->next;
      --detached_entries_;
      detached_weight_ -= entry->weight;
      removed.TakeOver(entry);
    }
  }
}

void CacheCore::CountRemoval(RemovalReason reason) {
  switch (reason) {
    case RemovalReason::kEvicted:
      ++counts.evictions;
      return;
    case RemovalReason::kExpired:
      ++counts.expirations;
      return;
    case RemovalReason::kInvalidated:
      ++counts.invalidations;
      return;
    case RemovalReason::kReplaced:
      ++counts.replacements;
      return;
  }
}

uint64_t CacheCore::CountSlotPins() const {
  uint64_t pins = 0;
  for (const PinBlock* block = FirstPinBlock(); block != nullptr; block = block->next) {
    for (const PinWord& slot : block->slots) {
      const uint64_t pin = slot.load(std::memory_order_relaxed);
      if ((pin & ~kAddressMask) == number_) ++pins;
    }
  }
  return pins;
}

ArcCacheStats CacheCore::Stats() const {
  ArcCacheStats stats = counts;
  stats.hits += hits_.Sum();
  stats.entries = queues_.entries();
  stats.weight = queues_.weight();
  stats.pinned = CountSlotPins() + counted_pins_.load(std::memory_order_relaxed);
  stats.detached = detached_entries_;
  stats.detached_weight = detached_weight_;
  return stats;
}

}  // namespace blixard::memory::internal
