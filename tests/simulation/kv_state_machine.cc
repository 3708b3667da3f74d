#include "tests/simulation/kv_state_machine.h"

#include <glog/logging.h>

#include <cstring>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "raft/runtime/pass_through_planner.h"

namespace blixard::raft {
namespace {

template <class T>
void Put(T value, char*& to) {
  std::memcpy(to, &value, sizeof value);
  to += sizeof value;
}

template <class T>
void Take(const char*& from, T& value) {
  std::memcpy(&value, from, sizeof value);
  from += sizeof value;
}

uint64_t Mix(uint64_t digest, uint64_t value) {
  digest = (digest ^ value) * 0x9E3779B97F4A7C15;
  return digest ^ (digest >> 29);
}

constexpr size_t kCommandBytes = 26;
constexpr size_t kStateBytes = kSimulatedKeys * sizeof(uint64_t);

class KvView final : public StateView {
 public:
  explicit KvView(std::string bytes) : bytes_(std::move(bytes)) {}
  absl::Status WriteTo(SnapshotSink& sink) override { return sink.Write(bytes_); }

 private:
  const std::string bytes_;
};

}  // namespace

void EncodeKvCommand(const KvCommand& command, std::string& bytes) {
  bytes.resize(kCommandBytes);
  char* to = bytes.data();
  Put(static_cast<uint8_t>(command.kind), to);
  Put(command.key, to);
  Put(command.client, to);
  Put(command.sequence, to);
  Put(command.value, to);
  Put(command.expected, to);
}

KvCommand DecodeKvCommand(absl::string_view bytes) {
  CHECK_EQ(bytes.size(), kCommandBytes);
  KvCommand command;
  uint8_t kind = 0;
  const char* from = bytes.data();
  Take(from, kind);
  Take(from, command.key);
  Take(from, command.client);
  Take(from, command.sequence);
  Take(from, command.value);
  Take(from, command.expected);
  command.kind = static_cast<OperationKind>(kind);
  return command;
}

void EncodeKvOutcome(uint64_t found, std::string& bytes) {
  bytes.resize(sizeof found);
  char* to = bytes.data();
  Put(found, to);
}

uint64_t DecodeKvOutcome(absl::string_view bytes) {
  uint64_t found = 0;
  CHECK_EQ(bytes.size(), sizeof found);
  const char* from = bytes.data();
  Take(from, found);
  return found;
}

void KvRegisters::Apply(EntryId, absl::string_view payload, OutcomeSink& outcomes) {
  PassThroughReader reader(payload);
  for (size_t position = 0;; ++position) {
    const absl::StatusOr<std::optional<absl::string_view>> request = reader.Next();
    CHECK(request.ok()) << request.status();
    if (!request->has_value()) return;
    const KvCommand command = DecodeKvCommand(**request);
    uint64_t& value = values_[command.key];
    EncodeKvOutcome(value, outcome_);
    outcomes.Set(position, outcome_);
    const bool swaps = command.kind == OperationKind::kCas && value == command.expected;
    if (command.kind == OperationKind::kWrite || swaps) value = command.value;
    fresh_.push_back(command);
  }
}

std::unique_ptr<StateView> KvRegisters::Freeze() {
  std::string bytes(kStateBytes, '\0');
  char* to = bytes.data();
  for (uint64_t value : values_) Put(value, to);
  return std::make_unique<KvView>(std::move(bytes));
}

absl::Status KvRegisters::Restore(SnapshotSource& source) {
  std::string bytes;
  std::array<char, 64> piece;
  while (true) {
    const absl::StatusOr<size_t> got = source.Read(absl::MakeSpan(piece));
    if (!got.ok()) return got.status();
    if (*got == 0) break;
    bytes.append(piece.data(), *got);
  }
  if (bytes.size() != kStateBytes) {
    return absl::DataLossError(
        absl::StrCat("state: want ", kStateBytes, " bytes, got ", bytes.size()));
  }
  const char* from = bytes.data();
  for (uint64_t& value : values_) Take(from, value);
  return absl::OkStatus();
}

uint64_t KvRegisters::digest() const {
  uint64_t digest = 1;
  for (uint64_t value : values_) digest = Mix(digest, value);
  return digest;
}

// A few more sessions than clients: whoever registers again evicts somebody before long.
KvStateMachine::KvStateMachine()
    : sessions_(registers_, {.max_sessions = kSimulatedClients + 2,
                             .window = 2,
                             .max_outcome_bytes = 64,
                             .outcome_bytes = 256}) {}

void KvStateMachine::Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) {
  sessions_.Apply(id, payload, outcomes);
  records_.push_back({.id = id, .digest = digest(), .fresh = registers_.TakeFresh()});
}

absl::Status KvStateMachine::Restore(SnapshotSource& source) {
  if (absl::Status restored = sessions_.Restore(source); !restored.ok()) return restored;
  records_.push_back({.id = {}, .digest = digest(), .fresh = {}});
  return absl::OkStatus();
}

uint64_t KvStateMachine::digest() const {
  return Mix(registers_.digest(), sessions_.sessions().Digest());
}

}  // namespace blixard::raft
