// Where in the code under test an access stands, and what can be broken there on purpose.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_SITE_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_SITE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace blixard::memory::schedules {

enum class Operation : uint8_t {
  kLoad,
  kStore,
  kExchange,
  kCompareExchange,
  kAdd,
  kAnd,
  kOr,
  kXor,
  kWait,
  kNotify,
  kFence,
  kCompilerFence,
  kBarrier,
  kLock,
  kUnlock,
  kYield,
  kPlainRead,
  kPlainWrite,
};
// What a read-modify-write stores in place of `old`.
constexpr uint64_t Compute(Operation operation, uint64_t old, uint64_t operand) {
  switch (operation) {
    case Operation::kAdd:
      return old + operand;
    case Operation::kAnd:
      return old & operand;
    case Operation::kOr:
      return old | operand;
    case Operation::kXor:
      return old ^ operand;
    default:
      return operand;
  }
}

std::string_view Name(Operation operation);
std::string_view Name(std::memory_order order);

// A place in the source, as std::source_location, which clang 14 has not. As a default argument it
// is the caller's. GCC has no columns: accesses of one kind on one line count as one.
struct Place {
  const char* file = "";
  const char* function = "";
  uint32_t line = 0;
  uint32_t column = 0;

#ifdef __clang__
  static constexpr Place Current(const char* file = __builtin_FILE(),
                                 const char* function = __builtin_FUNCTION(),
                                 uint32_t line = __builtin_LINE(),
                                 uint32_t column = __builtin_COLUMN()) {
    return {.file = file, .function = function, .line = line, .column = column};
  }
#else
  static constexpr Place Current(const char* file = __builtin_FILE(),
                                 const char* function = __builtin_FUNCTION(),
                                 uint32_t line = __builtin_LINE()) {
    return {.file = file, .function = function, .line = line};
  }
#endif
};

// One access in the source.
struct Site {
  Place where;
  Operation operation;
  std::memory_order order;

  bool IsAt(const Site& other) const {
    return where.line == other.where.line && where.column == other.where.column &&
           operation == other.operation && std::string_view(where.file) == other.where.file;
  }
};
std::string ToString(const Site& site);  // "slots.h:87 load acquire in TryTake"

// One thing broken at one site, to see whether it is noticed.
struct Plant {
  enum class Kind {
    kRelax,   // the order becomes relaxed
    kSkip,    // the fence, lock, unlock or store does not happen
    kReturn,  // the load returns `value` whatever is stored
    kWrite,   // the store, exchange or compare-exchange writes `value`
    kTear,    // read and write of a read-modify-write are two steps; nothing is compared
  };
  Site site;
  Kind kind = Kind::kRelax;
  uint64_t value = 0;
};
std::string ToString(const Plant& plant);

// The `nth` site (in source order, from 0) of `operation` in functions named `function`. Nothing:
// there is no such site, and the plant must be written anew.
std::optional<Site> FindSite(const std::vector<Site>& sites, std::string_view function,
                             Operation operation, size_t nth = 0);

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_SITE_H_
