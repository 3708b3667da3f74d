// A static object that is never destroyed, so that code which runs while the process ends may still
// use it: static NoDestructor<Table> table(arguments);
#ifndef BLIXARD_MEMORY_OPTIMIZATION_NO_DESTRUCTOR_H_
#define BLIXARD_MEMORY_OPTIMIZATION_NO_DESTRUCTOR_H_

#include <new>
#include <utility>

namespace blixard::memory {

// As a function-local static it is built on first use, once, by whichever thread comes first (the
// language sees to that), in place: no allocation of its own, and leak checkers see what it holds.
// Not for members or locals: what they held would leak.
template <class T>
class NoDestructor {
 public:
  template <class... Args>
  explicit NoDestructor(Args&&... args) {
    ::new (static_cast<void*>(storage_)) T(std::forward<Args>(args)...);
  }
  NoDestructor(const NoDestructor&) = delete;
  NoDestructor& operator=(const NoDestructor&) = delete;

  T* get() { return std::launder(reinterpret_cast<T*>(storage_)); }
  const T* get() const { return std::launder(reinterpret_cast<const T*>(storage_)); }
  T& operator*() { return *get(); }
  const T& operator*() const { return *get(); }
  T* operator->() { return get(); }
  const T* operator->() const { return get(); }

 private:
  alignas(T) unsigned char storage_[sizeof(T)];
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_NO_DESTRUCTOR_H_
