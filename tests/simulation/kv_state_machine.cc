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
constexpr size_t kOutcomeBytes = 9;

constexpr size_t kStateBytes = kSimulatedKeys * 8 + kSimulatedClients * 12;

class KvView final : public StateView {
 public:
  explicit KvView(const KvState& state) : bytes_(state.Encode()) {}
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

void EncodeKvOutcome(const KvOutcome& outcome, std::string& bytes) {
  bytes.resize(kOutcomeBytes);
  char* to = bytes.data();
  Put(outcome.found, to);
  Put(static_cast<uint8_t>(outcome.carried), to);
}

KvOutcome DecodeKvOutcome(absl::string_view bytes) {
  CHECK_EQ(bytes.size(), kOutcomeBytes);
  KvOutcome outcome;
  uint8_t carried = 0;
  const char* from = bytes.data();
  Take(from, outcome.found);
  Take(from, carried);
  outcome.carried = carried != 0;
  return outcome;
}

KvState::Applied KvState::Apply(const KvCommand& command) {
  Session& session = sessions_[command.client];
  if (command.sequence <= session.sequence) {
    const bool last = command.sequence == session.sequence;
    return {.outcome = {.found = session.found, .carried = last}, .repeated = true};
  }
  uint64_t& value = values_[command.key];
  session = {.sequence = command.sequence, .found = value};
  const bool swaps = command.kind == OperationKind::kCas && value == command.expected;
  if (command.kind == OperationKind::kWrite || swaps) value = command.value;
  return {.outcome = {.found = session.found, .carried = true}};
}

uint64_t KvState::digest() const {
  uint64_t digest = 1;
  for (uint64_t value : values_) digest = Mix(digest, value);
  for (const Session& session : sessions_) {
    digest = Mix(Mix(digest, session.sequence), session.found);
  }
  return digest;
}

std::string KvState::Encode() const {
  std::string bytes(kStateBytes, '\0');
  char* to = bytes.data();
  for (uint64_t value : values_) Put(value, to);
  for (const Session& session : sessions_) {
    Put(session.sequence, to);
    Put(session.found, to);
  }
  return bytes;
}

absl::StatusOr<KvState> KvState::Decode(absl::string_view bytes) {
  if (bytes.size() != kStateBytes) {
    return absl::DataLossError(
        absl::StrCat("state: want ", kStateBytes, " bytes, got ", bytes.size()));
  }
  KvState state;
  const char* from = bytes.data();
  for (uint64_t& value : state.values_) Take(from, value);
  for (Session& session : state.sessions_) {
    Take(from, session.sequence);
    Take(from, session.found);
  }
  return state;
}

std::unique_ptr<StateView> KvStateMachine::Freeze() { return std::make_unique<KvView>(state_); }

absl::Status KvStateMachine::Restore(SnapshotSource& source) {
  std::string bytes;
  std::array<char, 64> piece;
  while (true) {
    const absl::StatusOr<size_t> got = source.Read(absl::MakeSpan(piece));
    if (!got.ok()) return got.status();
    if (*got == 0) break;
    bytes.append(piece.data(), *got);
  }
  absl::StatusOr<KvState> state = KvState::Decode(bytes);
  if (!state.ok()) return state.status();
  state_ = *state;
  return absl::OkStatus();
}

void KvStateMachine::Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) {
  Record& record = records_.emplace_back();
  record.id = id;
  PassThroughReader reader(payload);
  for (size_t position = 0;; ++position) {
    const absl::StatusOr<std::optional<absl::string_view>> request = reader.Next();
    CHECK(request.ok()) << request.status();
    if (!request->has_value()) break;
    const KvCommand command = DecodeKvCommand(**request);
    const KvState::Applied applied = state_.Apply(command);
    if (applied.repeated) {
      ++record.repeated;
    } else {
      record.fresh.push_back(command);
    }
    EncodeKvOutcome(applied.outcome, outcome_);
    outcomes.Set(position, outcome_);
  }
  record.digest = state_.digest();
}

}  // namespace blixard::raft
