// Configurations and their changes as bytes: the payload of entries of type kConfiguration, of
// snapshot messages and of snapshots on disk. Little-endian, no checksum of their own: what carries
// them has one.
//
//   configuration             bytes    change                        bytes
//   format version, 1 or 2        1    format version, 1 or 2            1
//   kind, 1                       1    kind, 2                           1
//   1 = auto leave                1    transition                        1
//   number of addresses           1    number of changes                 1
//   number of voters,             4    each change: type 1, id 8;     9*n
//     outgoing, learners,                in version 2 then: length
//     learners next, 1 each              of the address 1, address    1*n+
//   their ids, in that order    8*n
//   in version 2 each address:
//     id 8, length 1, address   9*n+
//
// Version 2 is written when there is an address, and only then: a group that keeps none in its log
// can still be read by what knows version 1 alone.
#ifndef BLIXARD_RAFT_CORE_CONFIGURATION_CODEC_H_
#define BLIXARD_RAFT_CORE_CONFIGURATION_CODEC_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"

namespace blixard::raft {

// The longest encoding of either: for whoever sizes buffers. A member may stand in `voters` or
// `learners_next` and in `outgoing`.
inline constexpr size_t kMaxEncodedConfigurationBytes =
    8 + 2 * kMaxMembers * 8 + kMaxMembers * (8 + 1 + kMaxAddressBytes);

size_t EncodedBytes(const Configuration& configuration);
size_t EncodedBytes(const ConfigurationChange& change);

// Writes EncodedBytes() bytes at `to`. CHECKs that the value passes CheckConfiguration or
// CheckConfigurationChange.
void Encode(const Configuration& configuration, char* to);
void Encode(const ConfigurationChange& change, char* to);

// The same as a string of its own.
std::string Encode(const Configuration& configuration);
std::string Encode(const ConfigurationChange& change);

// Strict: what encodes to exactly `bytes` and passes its check, or kDataLoss saying what is wrong
// where.
absl::StatusOr<Configuration> DecodeConfiguration(absl::string_view bytes);
absl::StatusOr<ConfigurationChange> DecodeConfigurationChange(absl::string_view bytes);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_CONFIGURATION_CODEC_H_
