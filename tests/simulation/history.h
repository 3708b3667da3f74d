// What clients did to a replicated map of registers and what they were told, as the linearizability
// checker and the history files see it.
#ifndef BLIXARD_TESTS_SIMULATION_HISTORY_H_
#define BLIXARD_TESTS_SIMULATION_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace blixard::raft {

enum class OperationKind : uint8_t { kRead, kWrite, kCas };

enum class OperationStatus : uint8_t {
  kOk,       // carried out, and the client knows
  kFail,     // never carried out, and never will be: refused before it entered the log
  kUnknown,  // the client was not told: it may take effect at any time after its call, or never
};

// No value: the key is absent.
using RegisterValue = std::optional<std::string>;

struct Operation {
  uint64_t client = 0;
  OperationKind kind = OperationKind::kRead;
  std::string key = {};
  RegisterValue value = {};     // kWrite, kCas: what it writes
  RegisterValue expected = {};  // kCas: the value it replaces
  // kOk only. kRead: the value read. kCas: the value that stood there when it was carried out; it
  // was replaced exactly if it equals `expected`. kWrite: none.
  RegisterValue result = {};
  int64_t call_ns = 0;
  std::optional<int64_t> return_ns = {};  // none exactly if kUnknown
  OperationStatus status = OperationStatus::kUnknown;

  bool operator==(const Operation&) const = default;
};

using History = std::vector<Operation>;

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_HISTORY_H_
