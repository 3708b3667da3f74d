// Memory that is not ours under a SharedBlock: the block's own bytes hold whoever owns it.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_FOREIGN_BLOCK_H_
#define BLIXARD_MEMORY_OPTIMIZATION_FOREIGN_BLOCK_H_

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "memory_optimization/shared_block.h"

namespace blixard::memory::internal {

// Stands in the bytes of the block.
struct ForeignHeader {
  BlockHome* pool_home = nullptr;  // where the block itself belongs
  void (*destroy_owner)(ForeignHeader* header) = nullptr;
  size_t retained_bytes = 0;  // by the owner
};

template <class Owner>
struct ForeignRecord : ForeignHeader {
  template <class... Args>
  explicit ForeignRecord(Args&&... args) : owner(std::forward<Args>(args)...) {}

  Owner owner;
};

// Calls a function once, when destroyed.
template <class Function>
class OnDestruction {
 public:
  explicit OnDestruction(Function&& function) noexcept(
      std::is_nothrow_move_constructible_v<Function>)
      : function_(std::move(function)) {}
  OnDestruction(const OnDestruction&) = delete;
  OnDestruction& operator=(const OnDestruction&) = delete;
  ~OnDestruction() { function_(); }

 private:
  Function function_;
};

// A block of the default pool with one share and room for a record.
absl::StatusOr<SharedBlock*> AcquireForeign(size_t record_bytes);
// Makes `block` give itself back by way of its record.
void AdoptForeign(SharedBlock* block, ForeignHeader* header);

template <class Owner, class... Args>
ForeignRecord<Owner>* PlaceForeign(SharedBlock* block, Args&&... args) {
  using Record = ForeignRecord<Owner>;
  static_assert(alignof(Record) <= 16, "the bytes of a block are aligned to 16");
  static_assert(std::is_nothrow_constructible_v<Owner, Args&&...>, "the block would be lost");
  auto* record = new (block->bytes()) Record(std::forward<Args>(args)...);
  record->destroy_owner = [](ForeignHeader* header) { static_cast<Record*>(header)->~Record(); };
  AdoptForeign(block, record);
  return record;
}

// What an owner is known to keep besides itself.
template <class Owner>
size_t HeapBytesOf(const Owner& owner) {
  if constexpr (requires { owner.capacity(); }) {
    return owner.capacity();
  } else {
    return owner.size();
  }
}

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_FOREIGN_BLOCK_H_
