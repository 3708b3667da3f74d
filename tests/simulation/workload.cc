#include "tests/simulation/workload.h"

#include <glog/logging.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace blixard::raft {
namespace {

constexpr uint32_t kMaxTries = 12;
constexpr uint64_t kRegistersAgain = 40;  // a client forgets its session once in so many operations

RegisterValue Shown(uint64_t value) {
  if (value == 0) return std::nullopt;
  return absl::StrCat(value);
}

}  // namespace

Workload::Workload(uint64_t seed, uint32_t replicas, SafetyChecks& checks, Coverage& coverage)
    : random_(seed), replicas_(replicas), checks_(checks), coverage_(coverage) {
  mean_pause_ = (20 + static_cast<VirtualTime>(random_.Below(400))) * kMillisecond;
}

VirtualTime Workload::DrawPause() {
  return static_cast<VirtualTime>(random_.Below(static_cast<uint64_t>(2 * mean_pause_)));
}

Workload::Action Workload::Begin(uint32_t index, VirtualTime now) {
  Client& client = clients_[index];
  if (client.busy || finished_) return {};
  client.busy = true;
  client.may_have_entered = false;
  client.tries = 0;
  KvCommand& command = client.command;
  command.sequence += 1;
  command.client = index;
  command.key = static_cast<uint8_t>(random_.Below(kSimulatedKeys));
  const uint64_t drawn = random_.Below(10);
  command.kind = drawn < 4   ? OperationKind::kRead
                 : drawn < 7 ? OperationKind::kWrite
                             : OperationKind::kCas;
  command.value = uint64_t{command.sequence} * kSimulatedClients + index + 1;  // nobody else's
  command.expected = client.last_seen[command.key];
  const bool writes = command.kind != OperationKind::kRead;
  if (writes) ++client.session_sequence;
  const bool compares = command.kind == OperationKind::kCas;
  client.operation = {.client = index,
                      .kind = command.kind,
                      .key = std::string(1, static_cast<char>('a' + command.key)),
                      .value = writes ? Shown(command.value) : RegisterValue(),
                      .expected = compares ? Shown(command.expected) : RegisterValue(),
                      .call_ns = now};
  return Try(index);
}

Workload::Action Workload::Try(uint32_t index) {
  Client& client = clients_[index];
  ++client.attempt;
  ++client.tries;
  // Reads are answered everywhere, by followers with the help of their leader.
  const bool reads = client.command.kind == OperationKind::kRead;
  if (client.target == kNoReplica || (reads && random_.Below(2) == 0)) {
    client.target = ReplicaId{1 + random_.Below(replicas_)};
  }
  return {.kind = Action::Kind::kSend,
          .delay = static_cast<VirtualTime>(random_.Below(3 * kMillisecond)),
          .to = client.target,
          .request = {.client = index,
                      .attempt = client.attempt,
                      .registers = !reads && client.session == ClientId{0},
                      .id = {.client = client.session, .sequence = client.session_sequence},
                      .command = client.command}};
}

Workload::Action Workload::Again(uint32_t index, VirtualTime now) {
  if (clients_[index].tries >= kMaxTries) return GiveUp(index, now);
  Action action = Try(index);
  action.delay += static_cast<VirtualTime>(random_.Below(300 * kMillisecond));
  return action;
}

Workload::Action Workload::GiveUp(uint32_t index, VirtualTime now) {
  const bool unknown = clients_[index].may_have_entered;
  End(index, unknown ? OperationStatus::kUnknown : OperationStatus::kFail, now);
  return {.kind = Action::Kind::kBegin, .delay = DrawPause(), .to = kNoReplica, .request = {}};
}

Workload::Action Workload::OnAnswer(const ClientAnswer& answer, VirtualTime now) {
  Client& client = clients_[answer.client];
  if (!client.busy || answer.attempt != client.attempt) return {};
  client.target = answer.leader;
  const bool registered = answer.session != ClientId{0};
  if (answer.repeated) coverage_.Hit(Rare::kRequestRepeated);
  switch (answer.kind) {
    case ClientAnswer::Kind::kDone:
      if (!registered) return Complete(answer, now);
      client.session = answer.session;
      client.session_sequence = RequestSequence{1};
      return Again(answer.client, now);
    case ClientAnswer::Kind::kNoSession:
      coverage_.Hit(Rare::kSessionLost);
      client.session = ClientId{0};
      return GiveUp(answer.client, now);
    case ClientAnswer::Kind::kUnknown:
      client.may_have_entered |= client.session != ClientId{0};
      return Again(answer.client, now);
    case ClientAnswer::Kind::kRefused:
      return Again(answer.client, now);
  }
  return {};
}

Workload::Action Workload::Complete(const ClientAnswer& answer, VirtualTime now) {
  Client& client = clients_[answer.client];
  const KvCommand& command = client.command;
  const bool swapped = command.kind == OperationKind::kCas && answer.found == command.expected;
  if (command.kind == OperationKind::kCas && !swapped) coverage_.Hit(Rare::kCasLost);
  if (command.kind != OperationKind::kRead) {
    checks_.OnAcknowledged(answer.client, command.sequence);
  }
  const bool wrote = command.kind == OperationKind::kWrite || swapped;
  client.last_seen[command.key] = wrote ? command.value : answer.found;
  if (command.kind != OperationKind::kWrite) client.operation.result = Shown(answer.found);
  ++client.completed;
  End(answer.client, OperationStatus::kOk, now);
  if (random_.Below(kRegistersAgain) == 0) client.session = ClientId{0};
  return {.kind = Action::Kind::kBegin, .delay = DrawPause(), .to = kNoReplica, .request = {}};
}

void Workload::OnDoubled(uint32_t index) {
  Client& client = clients_[index];
  client.may_have_entered |= client.session != ClientId{0};
}

Workload::Action Workload::OnTimeout(uint32_t index, uint32_t attempt, VirtualTime now) {
  Client& client = clients_[index];
  if (!client.busy || attempt != client.attempt) return {};
  client.may_have_entered |= client.session != ClientId{0};
  client.target = kNoReplica;
  return Again(index, now);
}

void Workload::End(uint32_t index, OperationStatus status, VirtualTime now) {
  Client& client = clients_[index];
  CHECK(client.busy);
  client.busy = false;
  client.operation.status = status;
  if (status == OperationStatus::kUnknown) {
    coverage_.Hit(Rare::kOutcomeUnknown);
  } else {
    client.operation.return_ns = now;
  }
  history_.push_back(client.operation);
}

bool Workload::idle() const {
  return std::none_of(clients_.begin(), clients_.end(), [](const Client& c) { return c.busy; });
}

uint32_t Workload::least_completed() const {
  return std::min_element(
             clients_.begin(), clients_.end(),
             [](const Client& a, const Client& b) { return a.completed < b.completed; })
      ->completed;
}

const History& Workload::TakeHistory() {
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    if (clients_[i].busy) End(i, OperationStatus::kUnknown, 0);
  }
  return history_;
}

}  // namespace blixard::raft
