// What two replicas say to each other while a snapshot goes from a leader to a follower that its
// log no longer reaches. The bytes travel outside of the protocol's own messages; the follower's
// core is told of the snapshot (kSnapshot) when it is durable there.
//
// The sender keeps a window of chunks on the way; the receiver takes them in order and says how far
// it has got, so a lost, doubled or late one costs a repetition and nothing else (go-back-N). A
// transfer is named by the sender's term and a number that rises within it. Of two transfers to one
// replica the later one counts: that of the new leader, or the repetition. It goes on where the
// former stopped if it carries the same snapshot, as equal states have equal bytes.
#ifndef BLIXARD_RAFT_STORAGE_SNAPSHOT_TRANSFER_H_
#define BLIXARD_RAFT_STORAGE_SNAPSHOT_TRANSFER_H_

#include <compare>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"

namespace blixard::raft {

struct TransferId {
  Term term{};          // in which the sender leads
  uint64_t number = 0;  // rises within a term and sender
  auto operator<=>(const TransferId&) const = default;
};

// The same for all messages of one transfer in one direction.
struct SnapshotRoute {
  ClusterId cluster{0};
  ReplicaId from = kNoReplica;
  ReplicaId to = kNoReplica;
  bool operator==(const SnapshotRoute&) const = default;
};

struct SnapshotChunk {
  SnapshotRoute route{};
  TransferId transfer{};
  EntryId snapshot{};          // its last entry
  uint64_t stream_bytes = 0;   // of all chunks together
  uint32_t stream_crc32c = 0;  // likewise
  uint64_t offset = 0;
  uint32_t data_crc32c = 0;
  memory::Buffer configuration{};  // encoded; with offset 0, else empty
  // Empty only at the end of the stream, where such a chunk asks whether everything has arrived.
  memory::Buffer data{};
};

enum class SnapshotAckKind : uint8_t {
  kProgress = 1,   // everything before `received` has arrived
  kInstalled = 2,  // the snapshot, or a newer one, is durable
  kRestart = 3,    // nothing of this transfer is here: begin at 0
  kRefused = 4,    // not now: no room for it, or a later transfer goes on
};

struct SnapshotAck {
  SnapshotRoute route{};
  TransferId transfer{};
  SnapshotAckKind kind = SnapshotAckKind::kProgress;
  uint64_t received = 0;
};

struct SnapshotTransferOptions {
  size_t chunk_bytes = 64u << 10;  // of the stream in one message, up to 512 KiB
  size_t window_bytes = 1u << 20;  // sent and not acknowledged: what either side holds at most
  uint64_t bytes_per_tick = 0;     // sent, or written to the disk; 0 = no limit
  uint32_t retry_ticks = 5;        // without progress: what was not acknowledged is sent again
  uint32_t timeout_ticks = 200;    // without progress: the transfer is given up

  // kInvalidArgument naming the field, what it should be and what it is.
  absl::Status Validate() const;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_SNAPSHOT_TRANSFER_H_
