// One batch on its way to the disk.
#ifndef BLIXARD_RAFT_RUNTIME_APPEND_WORK_H_
#define BLIXARD_RAFT_RUNTIME_APPEND_WORK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/ready_batch.h"
#include "raft/core/types.h"
#include "raft/runtime/opened_snapshot.h"

namespace blixard::raft {

// Filled in by the ReplicaLoop, carried out by a LogWriter, given back to the loop, which uses it
// again: its vectors keep their capacity.
struct AppendWork {
  std::optional<OpenedSnapshot> snapshot;  // takes the place of the whole log, before `entries`
  std::optional<HardState> hard_state;
  std::vector<Entry> entries;
  bool must_sync = false;
  std::optional<EntryId> compact_through;  // given up, after the rest
  AppendDone done;

  // Promises about what this batch stores: sent when it is durable, by whoever wrote it.
  std::vector<Message> promises;
  size_t promise_count = 0;  // the others wait for their next use

  uint64_t given_ns = 0;  // when the loop gave it out
  bool taken = false;     // the storage has it; LogWriter's own
  absl::Status status;    // set by the LogWriter

  absl::Span<const Message> promises_to_send() const {
    return absl::MakeConstSpan(promises.data(), promise_count);
  }
  void Reset() {
    snapshot.reset();
    hard_state.reset();
    entries.clear();
    must_sync = false;
    compact_through.reset();
    done = {};
    for (size_t i = 0; i < promise_count; ++i) promises[i].Reset();
    promise_count = 0;
    taken = false;
    status = absl::OkStatus();
  }
};

using AppendWorks = std::vector<std::unique_ptr<AppendWork>>;

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_APPEND_WORK_H_
