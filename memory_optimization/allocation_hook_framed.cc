// Symbols of the hook that do more than jump (allocation_hook.cc): built with frame pointers, so
// that the walk of the stack passes through them to their callers. strdup and strndup would be
// counted without this, but the C library's own keep data in the frame pointer and hide who called.
#include <stdlib.h>
#include <string.h>

#include <bit>
#include <cerrno>
#include <cstddef>

#include "memory_optimization/allocation_entries.h"

using blixard::memory::internal::entries;

extern "C" {

int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  if (!std::has_single_bit(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  const int saved_errno = errno;  // reports by its result only
  void* const found = entries.c_memalign.load(std::memory_order_acquire)(alignment, size);
  errno = saved_errno;
  if (found == nullptr) return ENOMEM;
  *memory = found;
  return 0;
}

char* strndup(const char* text, size_t most) noexcept {
  const size_t length = strnlen(text, most);
  void* const copy = entries.c_malloc.load(std::memory_order_acquire)(length + 1);
  if (copy == nullptr) return nullptr;
  memcpy(copy, text, length);
  static_cast<char*>(copy)[length] = '\0';
  return static_cast<char*>(copy);
}

char* strdup(const char* text) noexcept {
  const size_t size = strlen(text) + 1;
  void* const copy = entries.c_malloc.load(std::memory_order_acquire)(size);
  return copy == nullptr ? nullptr : static_cast<char*>(memcpy(copy, text, size));
}

}  // extern "C"
