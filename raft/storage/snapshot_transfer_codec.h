// The messages of a snapshot transfer as bytes, for any transport: little-endian, each carries its
// own length.
//
//   chunk                                       bytes   acknowledgement                   bytes
//   CRC32C of the rest except the data              4   CRC32C of the rest                    4
//   length                                          4   length, 64                            4
//   format version, 1                               1   format version, 1                     1
//   2                                               1   3                                     1
//   0                                               2   kind                                  1
//   length of the configuration                     4   0                                     5
//   cluster, from, to, term, number,             9 x 8  cluster, from, to, term, number,   6 x 8
//     snapshot's term and index,                          received
//     stream bytes, offset
//   CRC32C of the stream, of the data           2 x 4
//   configuration, data
#ifndef BLIXARD_RAFT_STORAGE_SNAPSHOT_TRANSFER_CODEC_H_
#define BLIXARD_RAFT_STORAGE_SNAPSHOT_TRANSFER_CODEC_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"
#include "raft/storage/snapshot_transfer.h"

namespace blixard::raft {

size_t EncodedBytes(const SnapshotChunk& chunk);
size_t EncodedBytes(const SnapshotAck& ack);

// Append to `frames`.
void Encode(const SnapshotChunk& chunk, std::string& frames);
void Encode(const SnapshotAck& ack, std::string& frames);

// Read the frame at the front of `frames`, which is replaced in the argument, and return its
// length. kDataLoss when it is damaged, cut or nothing that Encode would have written; what `pool`
// says when it gives no buffer. The data's checksum is left to the receiver.
absl::StatusOr<size_t> Decode(absl::string_view frames, memory::BufferPool& pool,
                              SnapshotChunk& chunk);
absl::StatusOr<size_t> Decode(absl::string_view frames, SnapshotAck& ack);

// Which group the frame is of, to find who decodes it; nothing is checked. Nothing when it is too
// short to say so.
std::optional<ClusterId> ClusterOfSnapshotFrame(absl::string_view frame);

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SNAPSHOT_TRANSFER_CODEC_H_
