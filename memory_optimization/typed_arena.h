// An arena for objects of one type whose destructors must run: parsed trees, graphs with cycles,
// whatever is built piece by piece and dropped as a whole.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_TYPED_ARENA_H_
#define BLIXARD_MEMORY_OPTIMIZATION_TYPED_ARENA_H_

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "memory_optimization/arena.h"

namespace blixard::memory {

// Objects stay at their address until Reset or destruction, which destroy them in the reverse order
// of their completion. A T that is trivially destructible costs no byte and no instruction more
// than in an Arena; others cost a pointer each. Not thread-safe.
//
// Constructors and destructors of T may themselves build more Ts in the same arena (children first,
// so they are destroyed after their parent).
template <class T>
class TypedArena {
 public:
  explicit TypedArena(ArenaOptions options = {.name = "typed arena"})
      : arena_(std::move(options)) {}
  ~TypedArena() { DestroyAll(); }
  TypedArena(const TypedArena&) = delete;
  TypedArena& operator=(const TypedArena&) = delete;

  // nullptr: the arena refused, as Arena::TryAllocate; arena().Refusal(sizeof(T)) says why. What
  // T's constructor throws passes through; the arena's objects are then as before, and the memory
  // is free again with the next Reset.
  template <class... Args>
  T* TryNew(Args&&... args) {
    void* const place = arena_.TryAllocate(sizeof(Node), alignof(Node));
    if (place == nullptr) return nullptr;
    Node* const node = ::new (place) Node(std::forward<Args>(args)...);
    Link(node);
    ++size_;
    return &node->object;
  }

  // Destroys all objects and keeps memory up to max_retained_bytes.
  void Reset() {
    DestroyAll();
    arena_.Reset();
  }

  size_t size() const { return size_; }
  const Arena& arena() const { return arena_; }

 private:
  struct Plain {
    template <class... Args>
    explicit Plain(Args&&... args) : object(std::forward<Args>(args)...) {}
    T object;
  };
  struct Linked : Plain {
    using Plain::Plain;
    Linked* older = nullptr;
  };
  using Node = std::conditional_t<std::is_trivially_destructible_v<T>, Plain, Linked>;

  void Link(Node* node) {
    if constexpr (std::is_same_v<Node, Linked>) node->older = std::exchange(newest_, node);
  }
  // A destructor may add objects: they are the newest then, and next.
  void DestroyAll() {
    while (newest_ != nullptr) std::exchange(newest_, newest_->older)->~Linked();
    size_ = 0;
  }

  Arena arena_;
  Linked* newest_ = nullptr;  // always nullptr where nothing needs destroying
  size_t size_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_TYPED_ARENA_H_
