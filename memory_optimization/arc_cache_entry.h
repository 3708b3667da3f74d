// What every cached value carries besides key and value, and the guard that pins it.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_ENTRY_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_ENTRY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "memory_optimization/arc_cache_pin_protocol.h"
#include "memory_optimization/arc_cache_pin_slots.h"
#include "memory_optimization/arc_cache_stats.h"

namespace blixard::memory {

template <class K, class V, class Keys>
class ArcCache;

namespace internal {

inline constexpr uint64_t kNeverExpires = UINT64_MAX;

enum class CacheQueue : uint8_t { kNone, kSmall, kMain };

// Fields above `for readers` belong to the cache's mutex.
struct CacheEntry {
  static constexpr uint8_t kMaxFrequency = 3;

  // A hit's only shared write, and only while the mark still rises.
  void MarkUsed() {
    const uint8_t now = frequency.load(std::memory_order_relaxed);
    if (now < kMaxFrequency) frequency.store(now + 1, std::memory_order_relaxed);
  }

  CacheEntry* previous = nullptr;
  CacheEntry* next = nullptr;
  uint64_t weight = 1;  // constant
  bool seen_pinned = false;
  bool must_notify = false;
  CacheQueue queue = CacheQueue::kNone;
  RemovalReason reason = RemovalReason::kEvicted;

  // for readers:
  // Guards that have no slot. Grows under the mutex or next to another pin; falls anywhere.
  std::atomic<uint32_t> counted_pins = 0;
  // Of the cache's counted guards. Null: the entry never was in the table, and the last guard frees
  // it. Constant once a second thread may see the entry.
  std::atomic<uint64_t>* cache_pins = nullptr;
  std::shared_ptr<CacheEntry> self;        // the cache's ownership; unchanged while pinned
  uint64_t hash = 0;                       // constant
  uint64_t expires_at_ns = kNeverExpires;  // constant
  std::atomic<uint8_t> frequency = 0;
};

inline CacheEntry* EntryOfPin(uint64_t pin) {
  return reinterpret_cast<CacheEntry*>(pin & kAddressMask);
}

void AddCountedPins(CacheEntry& entry, uint32_t pins);
void DropCountedPin(CacheEntry& entry);

}  // namespace internal

// Keeps a value of an ArcCache in the cache and in place. Movable, and a moved or released guard is
// empty; may be released on any thread. Neither copy nor release takes a lock. Must not outlive the
// cache, which CHECKs in its destructor; what must, calls Share().
template <class V>
class Pinned {
 public:
  Pinned() = default;
  Pinned(Pinned&& other) noexcept
      : value_(std::exchange(other.value_, nullptr)), pin_(other.pin_) {}
  Pinned& operator=(Pinned&& other) noexcept {
    if (this != &other) {
      Reset();
      value_ = std::exchange(other.value_, nullptr);
      pin_ = other.pin_;
    }
    return *this;
  }
  ~Pinned() { Reset(); }

  explicit operator bool() const { return value_ != nullptr; }
  const V& operator*() const { return *value_; }
  const V* operator->() const { return value_; }
  const V* get() const { return value_; }

  // A second guard of the same value.
  Pinned Copy() const {
    if (value_ == nullptr) return {};
    internal::AddCountedPins(entry(), 1);
    return Pinned(value_, CountedPin(entry()));
  }
  // The value for as long as the caller likes, cache or no cache; does not keep it in the cache.
  // Allocates nothing. Null for an empty guard.
  std::shared_ptr<const V> Share() const {
    if (value_ == nullptr) return nullptr;
    return std::shared_ptr<const V>(entry().self, value_);
  }

  void Reset() {
    if (std::exchange(value_, nullptr) == nullptr) return;
    if (IsCounted()) {
      internal::DropCountedPin(entry());
    } else {
      internal::PinProtocol<>::Unpin(*slot());
    }
  }

 private:
  template <class K, class W, class Keys>
  friend class ArcCache;

  // Where the pin stands: the address of a slot, or of an entry that counts it, then odd.
  static uintptr_t SlotPin(const internal::PinWord& slot) {
    const auto pin = reinterpret_cast<uintptr_t>(&slot);
    if (pin % 2 != 0) __builtin_unreachable();  // spares the release the question
    return pin;
  }
  static uintptr_t CountedPin(const internal::CacheEntry& entry) {
    return reinterpret_cast<uintptr_t>(&entry) + 1;
  }
  Pinned(const V* value, uintptr_t pin) : value_(value), pin_(pin) {}

  bool IsCounted() const { return pin_ % 2 != 0; }
  internal::PinWord* slot() const { return reinterpret_cast<internal::PinWord*>(pin_); }
  internal::CacheEntry& entry() const {
    return IsCounted() ? *reinterpret_cast<internal::CacheEntry*>(pin_ - 1)
                       : *internal::EntryOfPin(slot()->load(std::memory_order_relaxed));
  }

  const V* value_ = nullptr;
  uintptr_t pin_ = 0;  // undefined in an empty guard
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_ENTRY_H_
