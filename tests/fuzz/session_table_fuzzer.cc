// Client sessions in a snapshot, and what clients send (raft/runtime/session_table.h).
#include <glog/logging.h>

#include <string>
#include <vector>

#include "raft/runtime/session_request.h"
#include "raft/runtime/session_table.h"
#include "tests/fuzz/fuzz_target.h"

namespace blixard::fuzz {
namespace {

using raft::SessionTable;

const raft::SessionTableOptions kOptions = {
    .max_sessions = 4, .window = 4, .max_outcome_bytes = 32, .outcome_bytes = 256};

}  // namespace

void FuzzOne(absl::string_view bytes) {
  const absl::StatusOr<SessionTable> table = SessionTable::Decode(kOptions, bytes);
  if (table.ok()) CHECK(table->Encode() == bytes) << "a table has two encodings";
  std::string again;
  if (const auto request = raft::DecodeSessionRequest(bytes); request.ok()) {
    raft::EncodeSessionRequest(*request, again);
    CHECK(again == bytes) << "a request has two encodings";
  }
  if (const auto outcome = raft::DecodeSessionOutcome(bytes); outcome.ok()) {
    raft::EncodeSessionOutcome(*outcome, again);
    CHECK(again == bytes) << "an outcome has two encodings";
  }
}

std::vector<std::string> Seeds() {
  SessionTable table(kOptions);
  std::vector<std::string> seeds = {table.Encode()};
  raft::LogIndex at;
  for (uint64_t clients = 1; clients <= 6; ++clients) {
    const raft::ClientId client = table.Register(++at);
    for (uint64_t sequence = 1; sequence <= clients; ++sequence) {
      const raft::RequestId id = {.client = client, .sequence = {sequence}};
      if (table.Admit(id, ++at) == SessionTable::Admission::kNew) {
        table.Remember(id, std::string(sequence * 5, 'o'));
      }
    }
    if (clients % 2 == 0) seeds.push_back(table.Encode());
  }
  std::string bytes;
  raft::EncodeSessionRequest(
      {.id = raft::RequestId{.client = raft::ClientId{3}, .sequence = {4}}, .payload = "request"},
      bytes);
  seeds.push_back(bytes);
  raft::EncodeSessionOutcome(
      {.status = raft::SessionStatus::kRegistered, .client = raft::ClientId{3}}, bytes);
  seeds.push_back(bytes);
  return seeds;
}

}  // namespace blixard::fuzz
