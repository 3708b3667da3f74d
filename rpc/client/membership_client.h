// The client of the membership service: finds the leader, follows it, and waits while it cannot do
// what was asked.
#ifndef BLIXARD_RPC_CLIENT_MEMBERSHIP_CLIENT_H_
#define BLIXARD_RPC_CLIENT_MEMBERSHIP_CLIENT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rpc/proto/membership.pb.h"

namespace blixard::rpc {

// Every method waits for its answer, `timeout` at most over all attempts: then it is
// kDeadlineExceeded, saying what was answered last, and whether the change was carried out is
// not known. Changes may be repeated: one that was carried out by an attempt whose answer was lost
// counts as done. Other errors are those of membership.proto. Not thread-safe.
class MembershipClient {
 public:
  // At least one endpoint, host:port each (CHECKed).
  MembershipClient(std::vector<std::string> endpoints, absl::Duration timeout);

  absl::StatusOr<v1::ListMembersResponse> List();
  absl::Status Add(uint64_t id, const std::string& address);
  absl::Status Promote(uint64_t id);
  absl::Status Remove(uint64_t id);
  // Returns the id of the replica that leads in the end; `to` may be 0, for any other.
  // kUnavailable when the leadership stays where it was for ten seconds.
  absl::StatusOr<uint64_t> Transfer(uint64_t to);

 private:
  // Asks one replica; the answer's error may name the leader.
  struct Attempt;
  using Ask = std::function<Attempt(const std::string& endpoint, absl::Duration timeout)>;
  absl::Status AskLeader(const Ask& ask, absl::StatusCode means_done);
  void GoOn(const Attempt& attempt);

  std::vector<std::string> endpoints_;
  size_t next_ = 0;  // of endpoints_: whom to ask
  const absl::Duration timeout_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLIENT_MEMBERSHIP_CLIENT_H_
