// Checks what a person gave as the id of a replica or a cluster.
#ifndef BLIXARD_RPC_CLIENT_MEMBER_ID_H_
#define BLIXARD_RPC_CLIENT_MEMBER_ID_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace blixard::rpc {

// Whatever prints ids may print them as numbers of JSON, which are exact to here. (raft itself
// takes every id above 0.)
inline constexpr uint64_t kMaxMemberId = (uint64_t{1} << 53) - 1;

// OK for 1 to kMaxMemberId; else kInvalidArgument that begins with `field`.
absl::Status CheckMemberId(absl::string_view field, uint64_t id);

// The same of a text, for CLI::Option::check: empty = it is one, else what is wrong. Signs are
// refused: elsewhere -1 may be read as 2^64 - 1.
std::string WrongMemberId(const std::string& text);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLIENT_MEMBER_ID_H_
