// Linearizable reads between their askers and the protocol's read rounds (thesis 6.4): one round
// confirms every read that waited when it began.
#ifndef BLIXARD_RAFT_RUNTIME_READ_QUEUE_H_
#define BLIXARD_RAFT_RUNTIME_READ_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "raft/core/types.h"
#include "raft/runtime/read_listener.h"

namespace blixard::raft {

// Pure, apart from its calls to listeners. Every read that was taken ends exactly once. Not
// thread-safe.
class ReadQueue {
 public:
  // A round that got no answer after `patience_ticks` is refused: its messages may be lost.
  explicit ReadQueue(uint32_t patience_ticks) : patience_ticks_(patience_ticks) {}

  // Takes reads; `reads` comes back empty, with its capacity.
  void Take(std::vector<ReadRequest>& reads);

  // Reads wait and another round may begin (at most kMaxRounds are out).
  bool wants_round() const { return !arrived_.empty() && rounds_.size() < kMaxRounds; }
  // Nothing may be taken before the last reads are in a round.
  bool wants_reads() const { return arrived_.empty(); }

  // A round for all reads that wait began, under a token that no other round has.
  void BeginRound(uint64_t round);
  // A round that needs no confirmation, because a lease gives it.
  void BeginConfirmed(LogIndex index);
  // None can begin now: refuses the reads that wait.
  void RefuseArrived();

  // The round is confirmed: its reads may be answered once `index` is applied. Unknown rounds
  // (given up, or of an earlier life) are ignored.
  void Confirm(uint64_t round, LogIndex index);
  void Refuse(uint64_t round);

  // Answers what is confirmed at or below `applied`.
  void AnswerUpTo(LogIndex applied);

  void Tick();
  void RefuseAll();

  size_t size() const;
  // Reads so far that were refused here.
  uint64_t refused() const { return refused_; }

 private:
  static constexpr size_t kMaxRounds = 64;

  struct Round {
    uint64_t token = 0;
    uint32_t age_ticks = 0;
    std::optional<LogIndex> index = {};  // set when confirmed
    std::vector<ReadRequest> reads = {};
  };

  void Begin(uint64_t round, std::optional<LogIndex> index);
  Round* FindOpen(uint64_t round);
  void End(Round& round, ReadEnd end);
  void DropEnded();

  const uint32_t patience_ticks_;
  uint64_t refused_ = 0;
  std::vector<ReadRequest> arrived_;
  std::vector<Round> rounds_;                    // in the order they began
  std::vector<std::vector<ReadRequest>> spare_;  // emptied, with their capacity
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_READ_QUEUE_H_
