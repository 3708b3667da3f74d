#include "memory_optimization/per_thread_counter.h"

#include <bit>

namespace blixard::memory::internal {

[[gnu::tls_model("initial-exec")]] constinit thread_local uint32_t this_thread_cell = kNoCellYet;

namespace {

// A set bit is a free cell. Giving one back and taking it again is what orders the plain counting
// of two threads that had the same.
constinit std::atomic<uint64_t> free_cells = (uint64_t{1} << kCounterCells) - 1;

uint32_t TakeFreeCell() {
  uint64_t free = free_cells.load(std::memory_order_relaxed);
  while (free != 0) {
    const uint64_t lowest = free & (~free + 1);
    if (free_cells.compare_exchange_weak(free, free & ~lowest, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
      return static_cast<uint32_t>(std::countr_zero(lowest));
    }
  }
  return kCounterCells;
}

// Counts after its destruction go to the shared cell.
struct CellJanitor {
  ~CellJanitor() {
    const uint32_t cell = this_thread_cell;
    this_thread_cell = kCounterCells;
    if (cell < kCounterCells) free_cells.fetch_or(uint64_t{1} << cell, std::memory_order_release);
  }
  bool is_armed = false;
};

}  // namespace

uint32_t ClaimCell() {
  static thread_local CellJanitor janitor;
  janitor.is_armed = true;
  return this_thread_cell = TakeFreeCell();
}

}  // namespace blixard::memory::internal
