#include "raft/runtime/session_request.h"

#include <glog/logging.h>

#include <bit>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/byte_reader.h"

namespace blixard::raft {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr uint8_t kRegistration = 1;
constexpr uint8_t kRequest = 2;

void AppendNumber(uint64_t number, std::string& bytes) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

bool IsSequence(RequestSequence sequence) {
  return sequence.value > 0 && sequence <= kMaxRequestSequence;
}

absl::Status Invalid(absl::string_view field, absl::string_view want, uint64_t got) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": want ", want, ", got ", got));
}

}  // namespace

void EncodeSessionRequest(const SessionRequest& request, std::string& bytes) {
  bytes.clear();
  if (!request.id.has_value()) {
    CHECK(request.payload.empty()) << "a registration has no payload";
    bytes.push_back(static_cast<char>(kRegistration));
    return;
  }
  CHECK(request.id->client != ClientId{}) << "sequence " << request.id->sequence;
  CHECK(IsSequence(request.id->sequence)) << request.id->sequence;
  bytes.push_back(static_cast<char>(kRequest));
  AppendNumber(static_cast<uint64_t>(request.id->client), bytes);
  AppendNumber(request.id->sequence.value, bytes);
  bytes.append(request.payload.data(), request.payload.size());
}

absl::StatusOr<SessionRequest> DecodeSessionRequest(absl::string_view bytes) {
  memory::ByteReader reader(bytes);
  const uint8_t kind = reader.Get<uint8_t>("kind");
  if (kind == kRegistration && reader.remaining() == 0) return SessionRequest{};
  if (kind != kRequest) return Invalid("request", "kind 2, or kind 1 alone; kind", kind);
  RequestId id;
  id.client = ClientId{reader.Get<uint64_t>("client")};
  id.sequence = RequestSequence{reader.Get<uint64_t>("sequence")};
  if (!reader.ok()) return Invalid("request bytes", "at least 17", bytes.size());
  if (id.client == ClientId{}) return Invalid("client", "> 0", 0);
  if (!IsSequence(id.sequence)) return Invalid("sequence", "1 to 2^62", id.sequence.value);
  return SessionRequest{.id = id, .payload = bytes.substr(reader.position())};
}

void EncodeSessionOutcome(const SessionOutcome& outcome, std::string& bytes) {
  bytes.clear();
  bytes.push_back(static_cast<char>(outcome.status));
  if (outcome.status == SessionStatus::kRegistered) {
    AppendNumber(static_cast<uint64_t>(outcome.client), bytes);
  } else {
    bytes.append(outcome.outcome.data(), outcome.outcome.size());
  }
}

absl::StatusOr<SessionOutcome> DecodeSessionOutcome(absl::string_view bytes) {
  memory::ByteReader reader(bytes);
  const uint8_t status = reader.Get<uint8_t>("status");
  if (!reader.ok()) return Invalid("outcome bytes", "at least 1", 0);
  if (status > static_cast<uint8_t>(SessionStatus::kMalformed)) {
    return Invalid("status", "0 to 6", status);
  }
  SessionOutcome outcome{.status = SessionStatus{status}, .outcome = bytes.substr(1)};
  if (outcome.status == SessionStatus::kRegistered) {
    outcome.outcome = {};
    outcome.client = ClientId{reader.Get<uint64_t>("client")};
    if (!reader.Finish().ok()) return Invalid("outcome bytes", "9", bytes.size());
    return outcome;
  }
  const bool has_outcome =
      outcome.status == SessionStatus::kApplied || outcome.status == SessionStatus::kRepeated;
  if (!has_outcome && bytes.size() != 1) return Invalid("outcome bytes", "1", bytes.size());
  return outcome;
}

}  // namespace blixard::raft
