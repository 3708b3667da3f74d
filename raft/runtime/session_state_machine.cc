#include "raft/runtime/session_state_machine.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "raft/core/mutation.h"
#include "raft/runtime/pass_through_planner.h"

namespace blixard::raft {
namespace {

static_assert(std::endian::native == std::endian::little, "the length is copied as it is");

// The stream: the length of the encoded table in 8 bytes, the table, then the stream of the state
// machine behind it.
class SessionView : public StateView {
 public:
  SessionView(std::string table, std::unique_ptr<StateView> inner)
      : table_(std::move(table)), inner_(std::move(inner)) {}

  absl::Status WriteTo(SnapshotSink& sink) override {
    const uint64_t length = table_.size();
    absl::Status status =
        sink.Write(absl::string_view(reinterpret_cast<const char*>(&length), sizeof(length)));
    if (status.ok()) status = sink.Write(table_);
    return status.ok() ? inner_->WriteTo(sink) : status;
  }

 private:
  const std::string table_;
  const std::unique_ptr<StateView> inner_;
};

absl::Status ReadExactly(SnapshotSource& source, absl::Span<char> into) {
  while (!into.empty()) {
    const absl::StatusOr<size_t> read = source.Read(into);
    if (!read.ok()) return read.status();
    if (*read == 0) {
      return absl::DataLossError(
          absl::StrCat("session table: want ", into.size(), " more bytes, got the end"));
    }
    into.remove_prefix(*read);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadTable(SnapshotSource& source) {
  uint64_t length = 0;
  absl::Status status =
      ReadExactly(source, absl::MakeSpan(reinterpret_cast<char*>(&length), sizeof(length)));
  if (!status.ok()) return status;
  // Grows with what really arrives, so that a damaged length asks for no memory.
  constexpr uint64_t kChunkBytes = 64 * 1024;
  std::string table;
  while (table.size() < length) {
    const size_t had = table.size();
    const size_t chunk = std::min(kChunkBytes, length - had);
    table.resize(had + chunk);
    status = ReadExactly(source, absl::MakeSpan(table).subspan(had));
    if (!status.ok()) return status;
  }
  return table;
}

}  // namespace

// Hands the outcomes of new requests to the table and to whoever waits for them.
class SessionStateMachine::NewOutcomes : public OutcomeSink {
 public:
  NewOutcomes(SessionStateMachine& machine, OutcomeSink& outcomes)
      : machine_(machine), outcomes_(outcomes) {}

  void Set(size_t position, absl::string_view outcome) override {
    CHECK_LT(position, machine_.new_.size());
    machine_.AnswerNew(machine_.new_[position], outcome, outcomes_);
  }

 private:
  SessionStateMachine& machine_;
  OutcomeSink& outcomes_;
};

SessionStateMachine::SessionStateMachine(StateMachine& inner, const SessionTableOptions& options)
    : inner_(inner), sessions_(options) {}

void SessionStateMachine::Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) {
  new_.clear();
  repeated_.clear();
  new_payload_.clear();
  PassThroughReader reader(payload);
  for (size_t position = 0;; ++position) {
    const absl::StatusOr<std::optional<absl::string_view>> request = reader.Next();
    if (!request.ok() || !request->has_value()) break;
    Admit(**request, position, id.index, outcomes);
  }
  if (!new_.empty()) {
    NewOutcomes sink(*this, outcomes);
    inner_.Apply(id, new_payload_, sink);
  }
  // An outcome that was not set is an empty one.
  for (Waiting& request : new_) {
    if (!request.answered) AnswerNew(request, {}, outcomes);
  }
  // Last, since what they repeat may stand in the same entry.
  for (const Waiting& request : repeated_) AnswerRepeated(request, outcomes);
}

void SessionStateMachine::Admit(absl::string_view request, size_t position, LogIndex at,
                                OutcomeSink& outcomes) {
  const absl::StatusOr<SessionRequest> decoded = DecodeSessionRequest(request);
  if (!decoded.ok()) return Answer(position, {.status = SessionStatus::kMalformed}, outcomes);
  if (decoded->id.has_value()) return AdmitRequest(*decoded, position, at, outcomes);
  Answer(position, {.status = SessionStatus::kRegistered, .client = sessions_.Register(at)},
         outcomes);
}

void SessionStateMachine::AdmitRequest(const SessionRequest& request, size_t position, LogIndex at,
                                       OutcomeSink& outcomes) {
  switch (sessions_.Admit(*request.id, at)) {
    case SessionTable::Admission::kNew:
      new_.push_back({.id = *request.id, .position = position});
      return AppendPassThroughRequest(request.payload, new_payload_);
    case SessionTable::Admission::kRepeated:
      return repeated_.push_back({.id = *request.id, .position = position});
    case SessionTable::Admission::kExpired:
      return Answer(position, {.status = SessionStatus::kExpired}, outcomes);
    case SessionTable::Admission::kUnknownSession:
      return Answer(position, {.status = SessionStatus::kUnknownSession}, outcomes);
  }
}

void SessionStateMachine::AnswerNew(Waiting& request, absl::string_view outcome,
                                    OutcomeSink& outcomes) {
  CHECK(!request.answered) << "client " << request.id.client << " sequence " << request.id.sequence
                           << ": a second outcome";
  request.answered = true;
  sessions_.Remember(request.id, outcome);
  Answer(request.position, {.status = SessionStatus::kApplied, .outcome = outcome}, outcomes);
}

void SessionStateMachine::AnswerRepeated(const Waiting& request, OutcomeSink& outcomes) {
  const std::optional<absl::string_view> outcome = sessions_.FindOutcome(request.id);
  const SessionStatus status =
      outcome.has_value() ? SessionStatus::kRepeated : SessionStatus::kForgotten;
  Answer(request.position, {.status = status, .outcome = outcome.value_or(absl::string_view())},
         outcomes);
}

void SessionStateMachine::Answer(size_t position, const SessionOutcome& outcome,
                                 OutcomeSink& outcomes) {
  EncodeSessionOutcome(outcome, answer_);
  outcomes.Set(position, answer_);
}

std::unique_ptr<StateView> SessionStateMachine::Freeze() {
  std::string table = Mutated(Mutation::kS24SnapshotForgetsSessions)
                          ? SessionTable(sessions_.options()).Encode()
                          : sessions_.Encode();
  return std::make_unique<SessionView>(std::move(table), inner_.Freeze());
}

absl::Status SessionStateMachine::Restore(SnapshotSource& source) {
  const absl::StatusOr<std::string> bytes = ReadTable(source);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<SessionTable> sessions = SessionTable::Decode(sessions_.options(), *bytes);
  if (!sessions.ok()) return sessions.status();
  if (absl::Status status = inner_.Restore(source); !status.ok()) return status;
  sessions_ = *std::move(sessions);
  return absl::OkStatus();
}

}  // namespace blixard::raft
