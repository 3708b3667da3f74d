// A string or vector to work in for a moment, with the capacity that earlier users of the thread
// left behind:
//
//   Scratch<std::string> key;
//   absl::StrAppend(&*key, tenant, "/", name);
//   return table.find(*key);
#ifndef BLIXARD_MEMORY_OPTIMIZATION_SCRATCH_H_
#define BLIXARD_MEMORY_OPTIMIZATION_SCRATCH_H_

#include <cstddef>
#include <memory>
#include <utility>

namespace blixard::memory {

// What a thread keeps of one container type: so many containers, each of at most so many bytes.
inline constexpr size_t kMaxIdleScratch = 4;
inline constexpr size_t kMaxScratchBytes = size_t{64} << 10;

namespace internal {

// The idle containers of one thread and type. Trivially destructible, so that it can be used
// before, while and after anything else of the thread is destroyed; the thread's janitor empties it
// when the thread ends. (The main thread's are left to the system.)
class ScratchShelf {
 public:
  using Drop = void (*)(void* container);
  explicit constexpr ScratchShelf(Drop drop) : drop_(drop) {}

  void* TryTake() { return idle_ == 0 ? nullptr : containers_[--idle_]; }
  // False: the caller drops the container itself, because the shelf is full or the thread is
  // ending.
  bool TryPut(void* container) {
    if (idle_ == kMaxIdleScratch || (!armed_ && !ArmJanitor())) return false;
    containers_[idle_++] = container;
    return true;
  }
  void DropIdle() {
    while (idle_ > 0) drop_(containers_[--idle_]);
  }

 private:
  bool ArmJanitor();
  static void EmptyShelves(void* first);

  const Drop drop_;
  void* containers_[kMaxIdleScratch] = {};
  size_t idle_ = 0;
  bool armed_ = false;
  ScratchShelf* next_ = nullptr;  // armed shelves of the thread
};

}  // namespace internal

// Borrows a T (std::string, std::vector<X>: has clear() and capacity()) from the thread's shelf for
// the life of this object; it starts empty. Nested borrowers get different ones. Allocates when the
// shelf is empty: the first time on a thread, and for more than kMaxIdleScratch at once. What grew
// beyond kMaxScratchBytes is freed, not kept.
//
// Use it as a local variable of one thread. Safe in destructors of thread-local and static objects.
template <class T>
class [[nodiscard]] Scratch {
 public:
  Scratch() : container_(static_cast<T*>(shelf_.TryTake())) {
    if (container_ == nullptr) container_ = new T;
  }
  ~Scratch() {
    container_->clear();
    const bool may_stay =
        container_->capacity() <= kMaxScratchBytes / sizeof(typename T::value_type);
    if (!may_stay || !shelf_.TryPut(container_)) delete container_;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  T& operator*() const { return *container_; }
  T* operator->() const { return container_; }

  // Frees what the calling thread keeps of this type, for when memory is short.
  static void DropIdle() { shelf_.DropIdle(); }

 private:
  static void Drop(void* container) { delete static_cast<T*>(container); }

  static inline constinit thread_local internal::ScratchShelf shelf_{&Drop};

  T* container_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_SCRATCH_H_
