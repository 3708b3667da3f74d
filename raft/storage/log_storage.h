// The durable log as the runtime sees it.
#ifndef BLIXARD_RAFT_STORAGE_LOG_STORAGE_H_
#define BLIXARD_RAFT_STORAGE_LOG_STORAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "raft/core/entry.h"
#include "raft/core/types.h"

namespace blixard::raft {

// What a replica finds on its disk when it starts. Everything in it is durable.
struct RecoveredLog {
  HardState hard_state;        // all zero on a new disk
  EntryId base;                // the last entry before `entries`; {0, 0} when there is none
  std::vector<Entry> entries;  // contiguous, from base.index + 1
  uint64_t torn_bytes = 0;     // cut from the end: written before a crash, never synced
  std::string note;            // one line for the operator about what was cut; else empty
};

struct LogStorageStats {
  uint64_t syncs = 0;              // Sync calls that reached the disk
  uint64_t bytes = 0;              // appended, with all framing
  uint64_t segments = 0;           // files the log stands in
  uint64_t segments_recycled = 0;  // begun over an older one, without filling it anew
  uint64_t segments_inline = 0;    // an Append had to wait for their making
  uint64_t prepare_failures = 0;   // segments that could not be made ahead
};

// How much room the disk has left for the log.
struct LogSpace {
  std::string directory;
  uint64_t free_bytes = 0;
  uint64_t wanted_bytes = 0;  // the reserve: below it new proposals should be turned away

  bool low() const { return free_bytes < wanted_bytes; }
};

// Used by one thread at a time, except the last four calls. The first error that leaves the disk in
// doubt is final: every later call returns that same error and touches the disk no more (a repeated
// fsync may claim success for data that is gone; CockroachDB #37102), so the replica has to stop.
// Not final, with nothing taken and the log as it was: kInvalidArgument, and kResourceExhausted
// when a full disk has no room for one more segment; the same call may be made again later. A final
// error has neither of these codes, also where a disk was full in the middle of a write.
class LogStorage {
 public:
  virtual ~LogStorage() = default;

  // Takes a copy; nothing is durable, and as a rule nothing is written, before Sync.
  // `entries` are contiguous; the first may be the one after the last of the log, or an older one
  // above the hard state's commit: then it replaces that entry and cuts all that follow it. Term
  // and commit never go back, a vote never changes within a term, commit is within the log:
  // CHECKed. If the machine dies before Sync has returned, a restart finds some prefix of these
  // steps: term and vote, then each entry in order, then commit. kInvalidArgument when an entry is
  // too large.
  virtual absl::Status Append(const std::optional<HardState>& hard_state,
                              absl::Span<const Entry> entries) = 0;

  // The largest payload that Append takes.
  virtual uint64_t max_payload_bytes() const { return UINT64_MAX; }

  // Makes everything appended so far durable with one write and one sync; does nothing when nothing
  // waits.
  virtual absl::Status Sync() = 0;

  // Entries up to `through`, which is committed (CHECKed), are not needed any more: a snapshot
  // holds them. One more step after those of Append, durable with the next Sync; from then on a
  // restart finds `through` as its base, and files that hold nothing else are given back in
  // PrepareStep. Does nothing when they were given up before.
  virtual absl::Status CompactThrough(EntryId through) = 0;

  // Replaces the whole log, entries and all, by a snapshot whose last entry is `last`, with the
  // term and vote of `hard_state` and the commit index `last.index`. `last` is not before the
  // commit index of now (CHECKed). One step, durable when this returns; a crash leaves all of it or
  // none.
  virtual absl::Status InstallSnapshot(EntryId last, const HardState& hard_state) = 0;

  // From any thread, beside everything else; one call at a time. Does one bounded piece of what
  // would otherwise keep an Append waiting: fills the next segment, gives back files of no further
  // use. Never harms the log: what fails is counted, left, and begun anew by a later call. Returns
  // whether another call makes sense now.
  virtual bool PrepareStep() = 0;

  // From any thread, an atomic load: whether PrepareStep has anything to do.
  virtual bool WantsPrepare() const = 0;

  // From any thread; asks the system.
  virtual LogSpace space() const = 0;

  // space().low(), for those who ask again and again: allocates nothing where that matters.
  virtual bool space_is_low() const { return space().low(); }

  // From any thread.
  virtual LogStorageStats stats() const = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_STORAGE_LOG_STORAGE_H_
