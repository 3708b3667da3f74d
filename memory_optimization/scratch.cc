#include "memory_optimization/scratch.h"

#include <pthread.h>

namespace blixard::memory::internal {
namespace {

// A thread_local object with a destructor would do the same, but registering one aborts the process
// when memory is out (glibc), and it would run before other objects that still use a Scratch.
struct JanitorKey {
  explicit JanitorKey(void (*destructor)(void*))
      : is_usable(pthread_key_create(&key, destructor) == 0) {}
  pthread_key_t key = {};
  bool is_usable;
};

}  // namespace

// The key's value is the thread's list of armed shelves.
bool ScratchShelf::ArmJanitor() {
  static const JanitorKey janitor(&EmptyShelves);
  if (!janitor.is_usable) return false;
  next_ = static_cast<ScratchShelf*>(pthread_getspecific(janitor.key));
  armed_ = pthread_setspecific(janitor.key, this) == 0;
  return armed_;
}

// Emptied shelves are armed anew when keys' destructors that run later use them: pthreads then
// calls this once more.
void ScratchShelf::EmptyShelves(void* first) {
  for (auto* shelf = static_cast<ScratchShelf*>(first); shelf != nullptr;) {
    shelf->armed_ = false;
    shelf->DropIdle();
    shelf = std::exchange(shelf->next_, nullptr);
  }
}

}  // namespace blixard::memory::internal
