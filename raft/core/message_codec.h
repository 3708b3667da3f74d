// Messages as bytes: little-endian, fixed layout, each frame carries its own length, so frames
// stand one after the other in a stream or a file.
//
//   offset  bytes
//        0      4  CRC32C of everything after it except the payloads (those have their own)
//        4      4  frame length, these 8 bytes included
//        8      1  format version, 2
//        9      1  message type
//       10      1  flags: 1 = reject, 2 = force, 4 = lost_data, 8 = wants_snapshot,
//                    16 = urgent
//       11      1  0
//       12      4  number of entries
//       16     72  cluster, from, to, term, log.term, log.index, commit, rejected_index, context:
//                  8 each
//       88      4  length of the message's own payload
//       92      4  CRC32C of that payload
//       96   20*n  each entry: term 8, payload length 4, payload CRC32C 4, type 1, three zero bytes
//     then         the message's own payload, then those of the entries, in the same order
//
// The index of entry i is log.index + 1 + i and is not written.
#ifndef BLIXARD_RAFT_CORE_MESSAGE_CODEC_H_
#define BLIXARD_RAFT_CORE_MESSAGE_CODEC_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/message.h"

namespace blixard::raft {

// Length of the frame EncodeMessage writes.
size_t EncodedMessageBytes(const Message& message);

// Appends one frame to `frames`; allocates only where `frames` has to grow. CHECKs that the entries
// are contiguous after message.log and that the frame stays below 4 GiB.
void EncodeMessage(const Message& message, std::string& frames);

// Reads the frame at the front of `frames` into `message`, whose old content is replaced and whose
// capacity is reused, and returns the frame's length. Payloads are checked against their checksums
// and copied into buffers of `pool`; nothing is allocated before the header's checksum and all
// lengths are known to be right, and never more than the frame itself accounts for.
// Errors leave `message` reset: kDataLoss when bytes are missing or damaged; kInvalidArgument when
// an intact frame says what no replica of this version would; what `pool` says when it gives no
// buffer.
absl::StatusOr<size_t> DecodeMessage(absl::string_view frames, memory::BufferPool& pool,
                                     Message& message);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_MESSAGE_CODEC_H_
