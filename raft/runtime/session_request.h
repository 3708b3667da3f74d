// What a client sends so that a request takes effect at most once, however often it is sent: every
// request names its session and its number within it (Ongaro's thesis, section 6.3). The session
// table answers a request that was applied before with what it gave then.
//
// A client registers once and gets its ClientId as the outcome. It numbers its requests 1, 2, 3 and
// so on, and repeats one under the same number until an outcome arrives; at most
// SessionTableOptions::window of them may wait for one. The log hands out each ClientId only once,
// so nobody can bring back a session that was evicted and have a request applied again. A
// registration that is repeated makes one session too many, which is evicted in time.
#ifndef BLIXARD_RAFT_RUNTIME_SESSION_REQUEST_H_
#define BLIXARD_RAFT_RUNTIME_SESSION_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"

namespace blixard::raft {

// A session, named by the order of registrations. 0 names nobody.
enum class ClientId : uint64_t {};

inline std::ostream& operator<<(std::ostream& out, ClientId id) {
  return out << static_cast<uint64_t>(id);
}

using RequestSequence = Counter<struct RequestSequenceTag>;  // the first request is 1
inline constexpr RequestSequence kMaxRequestSequence{uint64_t{1} << 62};

struct RequestId {
  ClientId client = {};
  RequestSequence sequence = {};
  bool operator==(const RequestId&) const = default;
};

// A request as SessionStateMachine reads it. Bytes: 1 = registration and nothing more, or 2, the
// client's id and the sequence (8 each, little-endian) and the payload.
struct SessionRequest {
  std::optional<RequestId> id = {};  // none = a registration
  absl::string_view payload = {};    // for the state machine behind the sessions
};

inline constexpr size_t kSessionRequestOverhead = 17;

// Replaces the content of `bytes`; allocates only where it has to grow. CHECKs that a registration
// has no payload, and that the id is not 0 and the sequence between 1 and kMaxRequestSequence.
void EncodeSessionRequest(const SessionRequest& request, std::string& bytes);

// `payload` points into `bytes`. kInvalidArgument when it is nothing that EncodeSessionRequest
// writes.
absl::StatusOr<SessionRequest> DecodeSessionRequest(absl::string_view bytes);

// How a request fared. Of the first three it is certain that it was applied, and only once.
enum class SessionStatus : uint8_t {
  kApplied = 0,    // just now
  kRepeated = 1,   // before; the outcome is that of then
  kForgotten = 2,  // before, but its outcome is not remembered any more, or was too long for it
  kExpired = 3,    // behind the session's window: was not applied now; whether it was before is
                   // not remembered
  kUnknownSession = 4,  // evicted, or never registered: was not applied now; register anew, and
                        // treat requests still waiting for an outcome as unknown
  kRegistered = 5,      // the outcome names the client
  kMalformed = 6,       // no session request; not applied
};

// Status byte, then the outcome: of the state machine behind the sessions for kApplied and
// kRepeated, the id in 8 bytes for kRegistered, otherwise nothing.
struct SessionOutcome {
  SessionStatus status = SessionStatus::kApplied;
  absl::string_view outcome = {};  // points into the bytes decoded; not for kRegistered
  ClientId client = {};            // for kRegistered
};

// Replaces the content of `bytes`; allocates only where it has to grow.
void EncodeSessionOutcome(const SessionOutcome& outcome, std::string& bytes);

// kInvalidArgument when `bytes` are nothing that EncodeSessionOutcome writes.
absl::StatusOr<SessionOutcome> DecodeSessionOutcome(absl::string_view bytes);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_SESSION_REQUEST_H_
