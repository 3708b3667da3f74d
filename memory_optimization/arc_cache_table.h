// The table of an ArcCache: cells in one array, each the address of an entry and 16 bits that tell
// most other entries apart. Readers walk it without a lock and may miss what a writer is moving; a
// miss is therefore only final under the cache's mutex. They never find what is not there
// (arc_cache_pin_protocol.h).
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_TABLE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "memory_optimization/arc_cache_entry.h"
#include "memory_optimization/arc_cache_pin_protocol.h"

namespace blixard::memory::internal {

// Linear probing. At most half the cells are taken, so a walk is short and always ends.
class CellArray {
 public:
  using Word = PinProtocol<>::Word;

  explicit CellArray(size_t cells) : mask_(cells - 1), cells_(std::make_unique<Word[]>(cells)) {}

  size_t size() const { return mask_ + 1; }
  size_t Home(uint64_t hash) const { return hash & mask_; }
  size_t After(size_t index) const { return (index + 1) & mask_; }
  Word& operator[](size_t index) const { return cells_[index]; }

  static CacheEntry* EntryOf(uint64_t cell) {
    return reinterpret_cast<CacheEntry*>(cell & kAddressMask);
  }
  static uint64_t CellOf(const CacheEntry* entry) {
    return TagOf(entry->hash) | reinterpret_cast<uint64_t>(entry);
  }
  static uint64_t TagOf(uint64_t hash) { return (hash & ~kAddressMask) | kTaken; }
  // Also false for a hidden cell.
  static bool HasTag(uint64_t cell, uint64_t tag) {
    return (cell & (~kAddressMask | kHidden)) == tag;
  }

  static constexpr uint64_t kTaken = uint64_t{1} << 63;
  static constexpr uint64_t kHidden = 1;  // set while the evictor looks whether it is pinned

 private:
  const size_t mask_;
  const std::unique_ptr<Word[]> cells_;
};

// All but cells() belongs to the cache's mutex.
class EntryTable {
 public:
  EntryTable();

  // For readers. An array stays allocated, empty, when it is outgrown: all together are as large as
  // the current one.
  const CellArray* cells() const { return for_readers_.load(std::memory_order_acquire); }
  // From now on readers find nothing, so that nothing is pinned without the mutex.
  void CloseForReaders() { for_readers_.store(&closed_, std::memory_order_release); }

  bool HasRoom(size_t entries) const { return entries * 2 <= current_->size(); }
  size_t CountCells() const { return current_->size(); }
  // Doubles the cells. May throw std::bad_alloc; then nothing changed.
  void Grow();
  void Insert(CacheEntry* entry);
  void Erase(const CacheEntry* entry);
  void Hide(const CacheEntry* entry);
  void Unhide(const CacheEntry* entry);

  // The first entry of `hash` that `is_it` accepts, or null.
  template <class Accept>
  CacheEntry* Find(uint64_t hash, Accept is_it) const {
    const CellArray& cells = *current_;
    for (size_t i = cells.Home(hash);; i = cells.After(i)) {
      const uint64_t cell = cells[i].load(std::memory_order_relaxed);
      if (cell == 0) return nullptr;
      CacheEntry* entry = CellArray::EntryOf(cell & ~CellArray::kHidden);
      if (entry->hash == hash && is_it(entry)) return entry;
    }
  }

 private:
  size_t IndexOf(const CacheEntry* entry) const;

  const CellArray closed_;
  std::vector<std::unique_ptr<const CellArray>> arrays_;
  const CellArray* current_;
  std::atomic<const CellArray*> for_readers_;
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARC_CACHE_TABLE_H_
