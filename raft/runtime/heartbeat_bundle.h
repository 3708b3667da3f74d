// Heartbeats, and replies to them, of many groups on their way from one process to another, as one
// frame: little-endian,
//
//   offset  bytes
//        0      4  CRC32C of everything after it
//        4      4  frame length, these 8 bytes included
//        8      1  format version, 3: messages have 2, pieces of snapshots 1 at this place
//        9      3  0
//       12      4  number of records
//       16     16  from, to: 8 each, the same in every group
//       32   33*n  each record: cluster, term, commit, context: 8 each; flags: 1 = reply,
//                  2 = reject, 4 = lost_data
#ifndef BLIXARD_RAFT_RUNTIME_HEARTBEAT_BUNDLE_H_
#define BLIXARD_RAFT_RUNTIME_HEARTBEAT_BUNDLE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/message.h"
#include "raft/core/types.h"

namespace blixard::raft {

inline constexpr char kHeartbeatBundleVersion = 3;
inline constexpr size_t kHeartbeatBundleHeaderBytes = 32;
inline constexpr size_t kHeartbeatRecordBytes = 33;

// One that is being filled. Not thread-safe; allocates only when it is made.
class HeartbeatBundle {
 public:
  struct Route {
    ReplicaId from = kNoReplica;
    ReplicaId to = kNoReplica;
  };

  // A frame has at most `max_bytes`, which must have room for one record (CHECKed).
  HeartbeatBundle(Route route, size_t max_bytes);

  // Whether `message` is a heartbeat, or a reply to one, that may wait and says nothing that a
  // record has no place for.
  static bool CanCarry(const Message& message);

  bool empty() const { return records_ == 0; }
  bool full() const { return frame_.size() + kHeartbeatRecordBytes > max_bytes_; }
  uint32_t records() const { return records_; }

  // CHECKs that it can carry it, that it goes this way, and that it is not full.
  void Add(const Message& message);

  // The whole frame; valid until the next call. CHECKs that it is not empty.
  absl::string_view Seal();

  // To be filled again.
  void Clear();

 private:
  const Route route_;
  const size_t max_bytes_;
  uint32_t records_ = 0;
  std::string frame_;  // the header's place, then the records
};

// Whether `frame` says that it is a bundle.
bool IsHeartbeatBundle(absl::string_view frame);

// Takes one apart. Looks into the bytes it was opened on.
class HeartbeatBundleReader {
 public:
  // `frame` is one bundle and nothing else. kDataLoss when it is damaged or cut, kInvalidArgument
  // when an intact one says what no process of this version would; nothing of it is used then.
  static absl::StatusOr<HeartbeatBundleReader> Open(absl::string_view frame);

  ReplicaId to() const { return to_; }
  size_t records_left() const { return records_.size() / kHeartbeatRecordBytes; }

  // The next message replaces the content of `message`. CHECKs that one is left.
  void Next(Message& message);

 private:
  HeartbeatBundleReader() = default;

  ReplicaId from_ = kNoReplica;
  ReplicaId to_ = kNoReplica;
  absl::string_view records_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_HEARTBEAT_BUNDLE_H_
