// Snapshots on their way between replicas: all transfers of one replica, either direction.
#ifndef BLIXARD_RAFT_RUNTIME_SNAPSHOT_EXCHANGE_H_
#define BLIXARD_RAFT_RUNTIME_SNAPSHOT_EXCHANGE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/message.h"
#include "raft/core/types.h"
#include "raft/runtime/snapshot_order.h"
#include "raft/runtime/transport.h"
#include "raft/storage/snapshot_receiver.h"
#include "raft/storage/snapshot_sender.h"
#include "raft/storage/snapshot_store.h"
#include "raft/storage/snapshot_transfer.h"

namespace blixard::raft {

// A leader's kSnapshot message waits here until its peer has said that the data are durable there;
// then it is sent like any other, and the peer takes it because its store has the snapshot.
// Whatever is lost is asked for again by the protocol itself. Thread-free: one caller at a time, on
// a thread that may wait for the disk. Its parts are not owned and outlive it.
class SnapshotExchange {
 public:
  struct Options {
    ClusterId cluster{0};
    ReplicaId self = kNoReplica;
    SnapshotTransferOptions transfer{};
  };

  SnapshotExchange(const Options& options, SnapshotStore& store, Transport& transport);

  // Begins a transfer, in place of one to the same peer that is under way.
  void Send(SnapshotOrder& order, SnapshotEvents& events);

  // What a peer's exchange gave its transport. Damaged frames and those for others are dropped.
  void TakeIn(absl::string_view frame);

  void Tick();

  // Sends what may be sent now and says what ended; and once, if the store's disk failed.
  void Work(SnapshotEvents& events);

  // Waits for ticks.
  bool is_active() const { return !sendings_.empty() || receiver_.is_receiving(); }

 private:
  struct Sending {
    std::unique_ptr<SnapshotSender> sender;
    Message message;  // for the peer's core, once the data are there
  };

  void SendChunks();
  void SendAcks();
  void EndFinished(SnapshotEvents& events);
  void TellFailure(SnapshotEvents& events);

  const Options options_;
  SnapshotStore& store_;
  Transport& transport_;
  SnapshotReceiver receiver_;
  std::map<ReplicaId, Sending> sendings_;  // one per peer
  uint64_t transfers_ = 0;
  bool failure_told_ = false;
  std::string frame_;  // reused
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_SNAPSHOT_EXCHANGE_H_
