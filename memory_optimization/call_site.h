// Where in the source a call stands; std::source_location, which clang 14 does not have.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_CALL_SITE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_CALL_SITE_H_

#include <cstdint>

namespace blixard::memory {

// As a default argument, `CallSite site = CallSite::current()`, it names the caller.
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

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_CALL_SITE_H_
