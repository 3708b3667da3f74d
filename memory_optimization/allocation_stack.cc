#include "memory_optimization/allocation_stack.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace blixard::memory::internal {
namespace {

struct Mapping {
  uintptr_t low = 0;
  uintptr_t high = 0;
};

// Reads "7f01-7f02 rw-p ...\n" line by line, however the reads cut it.
class MappingParser {
 public:
  // True when `letter` completed a mapping, which `mapping()` then is.
  bool Take(char letter) {
    if (letter == '\n') {
      part_ = kLow;
      mapping_ = {};
      return false;
    }
    if (part_ == kRest) return false;
    if (letter == '-') {
      part_ = kHigh;
      return false;
    }
    if (letter == ' ') {
      part_ = kRest;
      return true;
    }
    uintptr_t& value = part_ == kLow ? mapping_.low : mapping_.high;
    value = value * 16 + static_cast<uintptr_t>(letter <= '9' ? letter - '0' : letter - 'a' + 10);
    return false;
  }
  const Mapping& mapping() const { return mapping_; }

 private:
  enum Part { kLow, kHigh, kRest };
  Part part_ = kLow;
  Mapping mapping_;
};

Mapping FindMapping(uintptr_t address) {
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return {};
  MappingParser parser;
  Mapping found;
  char text[1024];
  ssize_t length = 0;
  while (found.high == 0 && (length = read(maps, text, sizeof(text))) > 0) {
    for (ssize_t i = 0; i < length && found.high == 0; ++i) {
      if (!parser.Take(text[i])) continue;
      const Mapping& mapping = parser.mapping();
      if (mapping.low <= address && address < mapping.high) found = mapping;
    }
  }
  close(maps);
  return found;
}

bool IsMainThread() { return syscall(SYS_gettid) == getpid(); }

// The main thread's stack grows: what is below its mapping today may be stack tomorrow.
uintptr_t LowestOfMainStack(const Mapping& mapping) {
  rlimit limit = {};
  constexpr uintptr_t kUnlimited = uintptr_t{1} << 30;
  if (getrlimit(RLIMIT_STACK, &limit) != 0) return mapping.low;
  const uintptr_t size = std::min<uintptr_t>(limit.rlim_cur, kUnlimited);
  return std::min(mapping.low, mapping.high > size ? mapping.high - size : 0);
}

}  // namespace

void FindStackBounds(ThreadState& thread) {
  const int saved_errno = errno;  // malloc that succeeds leaves errno alone
  const uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const Mapping mapping = FindMapping(here);
  uintptr_t high = mapping.high;
  thread.stack_low = mapping.low;
  if (IsMainThread()) {
    thread.stack_low = LowestOfMainStack(mapping);
  } else {
    // The C library puts a thread's own data at the top of its stack. A mapping behind that may
    // have merged with the stack's and may go away.
    const uintptr_t own_data = reinterpret_cast<uintptr_t>(__builtin_thread_pointer());
    if (here < own_data) high = std::min(high, own_data);
  }
  // {1, 1} holds no frame: looked up, in vain.
  if (high == 0) thread.stack_low = 1;
  thread.stack_last = high == 0 ? 1 : high - sizeof(StackFrame);
  errno = saved_errno;
}

uintptr_t LastFrame(ThreadState& thread, const void* frame) {
  if (thread.stack_last == 0) FindStackBounds(thread);
  return OnOwnStack(thread, frame) ? thread.stack_last : reinterpret_cast<uintptr_t>(frame);
}

int CaptureStack(const void* frame, uintptr_t* addresses, int capacity) {
  int count = 0;
  WalkFrames(frame, LastFrame(this_thread, frame), [&](uintptr_t address) {
    addresses[count++] = address;
    return count < capacity;
  });
  return count;
}

}  // namespace blixard::memory::internal
