// Memory for many small things that die together: one request, one batch, one parsed file. An
// allocation moves a cursor; freeing is one Reset for all of them, which keeps the memory for the
// next request. Not for things that die one by one (object_pool.h, slab.h) and not for what needs
// its destructor run (typed_arena.h).
//
// The cursor moves down: aligning is then one instruction and any size up to 64-byte alignment fits
// by one comparison (the idea is Nick Fitzgerald's, "Always Bump Downwards", 2019).
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ARENA_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ARENA_H_

#include <glog/logging.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "memory_optimization/arena_pages.h"
#include "memory_optimization/arena_poison.h"

namespace blixard::memory {

// Sizes count whole blocks, 64 bytes of bookkeeping each included.
struct ArenaOptions {
  std::string name = "arena";                // what errors call it
  size_t block_bytes = size_t{4} << 10;      // the first block; each further one is twice as large
  size_t max_block_bytes = size_t{1} << 20;  // growth ends here; larger requests get larger blocks
  size_t max_bytes = SIZE_MAX;               // held at any time; beyond it allocations are refused
  size_t max_retained_bytes = size_t{1} << 20;  // kept by Reset
  ArenaPages pages = ArenaPages::kHeap;
};

struct ArenaStats {
  size_t used_bytes = 0;       // handed out, padding included
  size_t peak_used_bytes = 0;  // the most of it since construction
  size_t held_bytes = 0;       // in blocks
  size_t blocks = 0;
  uint64_t resets = 0;
  uint64_t refused = 0;  // allocations that got nullptr
};

// Not thread-safe: one arena per request or per thread. What it hands out lives until Reset, a
// Rollback behind it, or destruction; AddressSanitizer reports every use after that.
class Arena {
 public:
  // A place to return to; of use until the arena is reset or rolled back behind it.
  class Checkpoint;

  // Takes no memory yet. CHECKs 0 < block_bytes <= max_block_bytes.
  explicit Arena(ArenaOptions options = {});
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Uninitialised memory, at an address of its own even for 0 bytes. `alignment` is a power of two.
  // nullptr: max_bytes would be passed, the size is absurd, or the heap has nothing; the arena is
  // then as before, and Refusal says which. Never throws.
  void* TryAllocate(size_t bytes, size_t alignment = alignof(std::max_align_t)) {
    DCHECK(std::has_single_bit(alignment)) << alignment;
    const size_t footprint = internal::ArenaFootprint(bytes);
    if (footprint <= cursor_ - begin_ && alignment <= internal::kArenaBlockAlignment) [[likely]] {
      // `begin_` is a multiple of every alignment that comes here: rounding down stays above it.
      cursor_ = (cursor_ - footprint) & -internal::ArenaAlignment(alignment);
      void* const place = reinterpret_cast<void*>(cursor_);
      internal::UnpoisonArena(place, bytes);
      return place;
    }
    return TryAllocateSlowly(bytes, alignment);
  }

  // A T built in the arena; its destructor never runs, so it must not need to. nullptr: as above.
  template <class T, class... Args>
  T* TryNew(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>, "use TypedArena<T>, which destroys its Ts");
    void* const place = TryAllocate(sizeof(T), alignof(T));
    if (place == nullptr) return nullptr;
    if constexpr (std::is_constructible_v<T, Args...>) {
      return ::new (place) T(std::forward<Args>(args)...);
    } else {  // an aggregate, with compilers that build those by braces only (clang 14)
      return ::new (place) T{std::forward<Args>(args)...};
    }
  }

  // `count` value-initialised Ts in a row. nullptr: as above, and when the size would overflow.
  template <class T>
  T* TryNewArray(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>, "use TypedArena<T>, which destroys its Ts");
    if (count > SIZE_MAX / sizeof(T)) return static_cast<T*>(Refuse());
    void* const place = TryAllocate(count * sizeof(T), alignof(T));
    if (place == nullptr) return nullptr;
    T* const first = static_cast<T*>(place);
    std::uninitialized_value_construct_n(first, count);
    return first;
  }

  // A copy of `text` that lives as the arena's memory does, without a NUL behind it.
  std::optional<std::string_view> TryCopy(std::string_view text) {
    char* const place = static_cast<char*>(TryAllocate(text.size(), alignof(char)));
    if (place == nullptr) return std::nullopt;
    if (!text.empty()) std::memcpy(place, text.data(), text.size());
    return std::string_view(place, text.size());
  }

  // Why an allocation of so many bytes was refused: kResourceExhausted naming the arena, the bound
  // and what it holds.
  absl::Status Refusal(size_t bytes) const;

  // Frees everything that was handed out and keeps blocks up to max_retained_bytes. Never fails.
  void Reset();

  Checkpoint Mark() const;
  // Frees what was handed out since `checkpoint`; the memory stays. CHECKs that the checkpoint is
  // this arena's and that nothing since has undone it.
  void Rollback(const Checkpoint& checkpoint);

  ArenaStats Stats() const;
  const ArenaOptions& options() const { return options_; }

 private:
  // At the start of each block; the rest of it is handed out from the end down.
  struct alignas(internal::kArenaBlockAlignment) Block {
    Block* next;
    size_t bytes;        // of the whole block
    size_t used_before;  // handed out in the blocks before it, as far as it is in use itself

    uintptr_t begin() const { return reinterpret_cast<uintptr_t>(this + 1); }
    uintptr_t end() const { return reinterpret_cast<uintptr_t>(this) + bytes; }
    size_t room() const { return bytes - sizeof(Block); }
  };

  void* TryAllocateSlowly(size_t bytes, size_t alignment);
  void* Refuse();
  bool Advance(size_t room);
  Block* TakeIdle(size_t room);
  Block* TryNewBlock(size_t room);
  size_t PickBlockBytes(size_t room);
  void FreeIdle();
  void Free(Block* block);
  Block** IdleLink() { return current_ == nullptr ? &first_ : &current_->next; }
  bool IsInUse(const Checkpoint& checkpoint) const;
  void PoisonIdle();
  size_t UsedBytes() const;

  // Blocks in use come first in the list, the current one last of them; behind it wait idle ones.
  // cursor_ - begin_ is what the current block has left; both are 0 while none is current.
  uintptr_t cursor_ = 0;
  uintptr_t begin_ = 0;
  Block* current_ = nullptr;
  Block* first_ = nullptr;
  size_t next_block_bytes_;
  size_t held_bytes_ = 0;
  size_t peak_used_bytes_ = 0;
  uint64_t resets_ = 0;
  uint64_t refused_ = 0;
  const ArenaOptions options_;
};

class Arena::Checkpoint {
 private:
  friend class Arena;
  const Arena* arena_;
  Block* block_;
  uintptr_t cursor_;
  size_t used_bytes_;
  uint64_t resets_;
};

// Frees at the end of the scope what the arena handed out within it. Scopes of one arena nest.
class [[nodiscard]] ArenaScope {
 public:
  explicit ArenaScope(Arena& arena) : arena_(arena), checkpoint_(arena.Mark()) {}
  ~ArenaScope() { arena_.Rollback(checkpoint_); }
  ArenaScope(const ArenaScope&) = delete;
  ArenaScope& operator=(const ArenaScope&) = delete;

 private:
  Arena& arena_;
  const Arena::Checkpoint checkpoint_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ARENA_H_
