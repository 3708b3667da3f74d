// Where in the source a call stands: std::source_location, or what clang 14 can do in its place.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_CALL_SITE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_CALL_SITE_H_

#include <cstdint>
#include <source_location>

namespace blixard::memory {

// As a default argument, `CallSite site = CallSite::current()`, it names the caller. One pointer
// wide: a wider one would be laid out in memory on every call, for the sake of the rare ones.
#ifdef __cpp_lib_source_location
using CallSite = std::source_location;
#else
class CallSite {
 public:
  static constexpr CallSite current(const char* file = __builtin_FILE(),
                                    const char* function = __builtin_FUNCTION(),
                                    uint32_t line = __builtin_LINE()) {
    return CallSite(file, function, line);
  }

  constexpr CallSite() = default;
  constexpr const char* file_name() const { return file_; }
  constexpr const char* function_name() const { return function_; }
  constexpr uint32_t line() const { return line_; }  // 0: unknown

 private:
  constexpr CallSite(const char* file, const char* function, uint32_t line)
      : file_(file), function_(function), line_(line) {}

  const char* file_ = "";
  const char* function_ = "";
  uint32_t line_ = 0;
};
#endif

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_CALL_SITE_H_
