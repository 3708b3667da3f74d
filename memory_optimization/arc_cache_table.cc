#include "memory_optimization/arc_cache_table.h"

#include <glog/logging.h>

namespace blixard::memory::internal {
namespace {

using Protocol = PinProtocol<>;

constexpr size_t kFirstCells = 16;

size_t FirstEmpty(const CellArray& cells, uint64_t hash) {
  size_t i = cells.Home(hash);
  while (cells[i].load(std::memory_order_relaxed) != 0) i = cells.After(i);
  return i;
}

}  // namespace

EntryTable::EntryTable() : closed_(1) {
  arrays_.push_back(std::make_unique<const CellArray>(kFirstCells));
  current_ = arrays_.back().get();
  for_readers_.store(current_, std::memory_order_release);
}

// Cells of the outgrown array are emptied, so that no reader left in it pins what goes later.
void EntryTable::Grow() {
  arrays_.reserve(arrays_.size() + 1);
  auto larger = std::make_unique<const CellArray>(current_->size() * 2);
  const CellArray& old = *current_;
  for (size_t i = 0; i < old.size(); ++i) {
    const uint64_t cell = old[i].load(std::memory_order_relaxed);
    if (cell == 0) continue;
    const size_t to = FirstEmpty(*larger, CellArray::EntryOf(cell)->hash);
    (*larger)[to].store(cell, std::memory_order_relaxed);
  }
  current_ = larger.get();
  arrays_.push_back(std::move(larger));
  if (cells() != &closed_) for_readers_.store(current_, std::memory_order_release);
  for (size_t i = 0; i < old.size(); ++i) Protocol::Hide(old[i], 0);
}

void EntryTable::Insert(CacheEntry* entry) {
  CHECK_EQ(reinterpret_cast<uint64_t>(entry) & ~kAddressMask, 0u);
  const size_t i = FirstEmpty(*current_, entry->hash);
  Protocol::Publish((*current_)[i], CellArray::CellOf(entry));
}

size_t EntryTable::IndexOf(const CacheEntry* entry) const {
  const uint64_t want = CellArray::CellOf(entry);
  size_t i = current_->Home(entry->hash);
  for (;; i = current_->After(i)) {
    const uint64_t cell = (*current_)[i].load(std::memory_order_relaxed);
    CHECK_NE(cell, 0u) << "entry of hash " << entry->hash << " is not in the table";
    if ((cell & ~CellArray::kHidden) == want) return i;
  }
}

// Closes the gap with what may stand there, so that no walk needs a mark of the past.
void EntryTable::Erase(const CacheEntry* entry) {
  const CellArray& cells = *current_;
  size_t gap = IndexOf(entry);
  for (size_t i = cells.After(gap);; i = cells.After(i)) {
    const uint64_t cell = cells[i].load(std::memory_order_relaxed);
    if (cell == 0) break;
    const size_t home = cells.Home(CellArray::EntryOf(cell & ~CellArray::kHidden)->hash);
    const size_t mask = cells.size() - 1;
    if (((i - home) & mask) < ((i - gap) & mask)) continue;  // its home lies behind the gap
    Protocol::Hide(cells[gap], cell);
    gap = i;
  }
  Protocol::Hide(cells[gap], 0);
}

void EntryTable::Hide(const CacheEntry* entry) {
  Protocol::Hide((*current_)[IndexOf(entry)], CellArray::CellOf(entry) | CellArray::kHidden);
}

void EntryTable::Unhide(const CacheEntry* entry) {
  Protocol::Publish((*current_)[IndexOf(entry)], CellArray::CellOf(entry));
}

}  // namespace blixard::memory::internal
