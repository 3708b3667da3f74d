// Makes pictures of the state machine durable.
#ifndef BLIXARD_RAFT_RUNTIME_SNAPSHOT_SAVER_H_
#define BLIXARD_RAFT_RUNTIME_SNAPSHOT_SAVER_H_

#include "absl/status/status.h"
#include "raft/runtime/snapshot_order.h"
#include "raft/runtime/state_machine.h"
#include "raft/runtime/write_pace.h"
#include "raft/storage/snapshot_store.h"

namespace blixard::raft {

// Thread-free: one order at a time, on a thread that may wait. Its parts are not owned and outlive
// it.
class SnapshotSaver {
 public:
  SnapshotSaver(SnapshotStore& store, WritePace& pace) : store_(store), pace_(pace) {}

  // Carries out a kWrite or kBegin order, as fast as its pace allows. A snapshot that cannot be
  // written leaves the ones before it, and no trace.
  SnapshotEvent CarryOut(SnapshotOrder& order);

 private:
  absl::Status Save(const SnapshotMeta& meta, StateView* view);
  absl::Status WriteOut(SnapshotWriter& writer, size_t keep_bytes);

  class Sink;

  SnapshotStore& store_;
  WritePace& pace_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_SNAPSHOT_SAVER_H_
