// Who sent what and what came of it: makes requests take effect at most once. Part of the
// replicated state: everything here depends on nothing but the options and the order of calls, so
// replicas that apply the same log agree on every answer.
#ifndef BLIXARD_RAFT_RUNTIME_SESSION_TABLE_H_
#define BLIXARD_RAFT_RUNTIME_SESSION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/byte_reader.h"
#include "memory_optimization/flat_map.h"
#include "raft/core/types.h"
#include "raft/runtime/outcome_ring.h"
#include "raft/runtime/session_request.h"

namespace blixard::raft {

// The same on every replica of a group and from one life to the next: they decide what is
// forgotten. Memory at the bounds: max_sessions * (72 + 24 * window) + outcome_bytes.
struct SessionTableOptions {
  uint32_t max_sessions = 4096;       // the one that was idle for most entries is evicted
  uint32_t window = 32;               // newest sequence numbers remembered per session
  uint32_t max_outcome_bytes = 4096;  // longer outcomes are not remembered
  uint64_t outcome_bytes = 4 << 20;   // of all sessions together; the oldest are forgotten

  bool operator==(const SessionTableOptions&) const = default;
};

// kInvalidArgument naming the field: nothing is 0, at most 2^18 sessions and 2^10 sequence numbers
// each, an outcome fits the bytes for all, which are at most 2^30.
absl::Status CheckSessionTableOptions(const SessionTableOptions& options);

// Not thread-safe. Takes its memory at construction, untouched until it is used; afterwards nothing
// is allocated but by Encode.
class SessionTable {
 public:
  enum class Admission : uint8_t {
    kNew,             // apply it: counts as applied from now on
    kRepeated,        // was applied; see FindOutcome
    kExpired,         // behind the window, must not be applied
    kUnknownSession,  // must not be applied
  };

  explicit SessionTable(const SessionTableOptions& options);  // CHECKs CheckSessionTableOptions

  // Makes a session under an id that no other had or will have; evicts one if there is no room.
  // `at`, here and below: the entry being applied, never one before an earlier one (CHECKed).
  ClientId Register(LogIndex at);

  // What is to be done with a request, whose id DecodeSessionRequest gave. Whoever is found counts
  // as used.
  Admission Admit(const RequestId& id, LogIndex at);

  // Keeps what applying an admitted request gave. No effect if the session was evicted since, or
  // the request is behind its window.
  void Remember(const RequestId& id, absl::string_view outcome);

  // What applying it gave, until the next Remember; nothing when that is not remembered.
  std::optional<absl::string_view> FindOutcome(const RequestId& id) const;

  const SessionTableOptions& options() const { return options_; }
  size_t size() const { return rows_.size(); }
  // Of this table, not of the replicated state: Decode begins at 0.
  uint64_t evictions() const { return evictions_; }

  // Equal whenever the tables answer alike for ever.
  uint64_t Digest() const;

  // The whole table for a snapshot, which adds a checksum; versioned, see session_table_codec.cc.
  std::string Encode() const;
  // Errors: kDataLoss when `bytes` are nothing that Encode gives; kFailedPrecondition when they
  // were written under other options.
  static absl::StatusOr<SessionTable> Decode(const SessionTableOptions& options,
                                             absl::string_view bytes);

 private:
  using Row = uint32_t;
  static constexpr Row kNoRow = UINT32_MAX;

  // Ordered by last use in a list of rows from the longest idle to the latest used.
  struct Session {
    ClientId client;
    LogIndex last_use;
    RequestSequence highest;  // applied so far
    Row older = kNoRow;
    Row newer = kNoRow;
  };
  // The newest applied request whose sequence is this slot's modulo the window.
  struct Slot {
    RequestSequence sequence = {};  // 0 = none
    OutcomeRing::Place outcome = {};
  };

  const Slot& SlotOf(Row row, RequestSequence sequence) const {
    return slots_[size_t{row} * options_.window + sequence.value % options_.window];
  }
  Slot& SlotOf(Row row, RequestSequence sequence) {
    return slots_[size_t{row} * options_.window + sequence.value % options_.window];
  }
  Row FindRow(ClientId client) const;
  Row TakeRow();
  Session& AddSession(ClientId client, LogIndex at);
  void Link(Row row);
  void Unlink(Row row);
  void Use(Row row, LogIndex at);
  bool IsExpired(Row row, RequestSequence sequence) const;
  RequestSequence OldestInWindow(Row row) const;

  // Hands every part of the replicated state to `out`, always in the same order.
  template <class Out>
  void Describe(Out& out) const;
  template <class Out>
  void DescribeSession(Row row, Out& out) const;
  size_t MostEncodedBytes() const;
  absl::Status ReadFrom(memory::ByteReader& in);
  absl::Status ReadSession(memory::ByteReader& in);
  absl::Status ReadSlot(memory::ByteReader& in, Row row);

  SessionTableOptions options_;
  uint64_t registered_ = 0;  // ids handed out so far
  LogIndex last_use_;        // of any session
  std::vector<Session> rows_;
  std::unique_ptr<Slot[]> slots_;          // window of them per row
  memory::FlatMap<uint64_t, Row> row_of_;  // by client
  Row oldest_ = kNoRow;
  Row newest_ = kNoRow;
  OutcomeRing outcomes_;
  uint64_t evictions_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_SESSION_TABLE_H_
