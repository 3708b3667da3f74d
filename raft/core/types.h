// The quantities of the Raft paper as types of their own, so that a term is never taken for an
// index.
#ifndef BLIXARD_RAFT_CORE_TYPES_H_
#define BLIXARD_RAFT_CORE_TYPES_H_

#include <compare>
#include <cstdint>
#include <ostream>
#include <utility>

namespace blixard::raft {

// A counter that starts at 0 ("none") and only moves in steps; two tags never mix.
template <class Tag>
struct Counter {
  uint64_t value = 0;

  auto operator<=>(const Counter&) const = default;

  Counter& operator++() {
    ++value;
    return *this;
  }
  friend Counter operator+(Counter counter, uint64_t steps) { return {counter.value + steps}; }
  friend Counter operator-(Counter counter, uint64_t steps) { return {counter.value - steps}; }
  // Distance; `later` must not be below `earlier`.
  friend uint64_t operator-(Counter later, Counter earlier) { return later.value - earlier.value; }
  friend std::ostream& operator<<(std::ostream& out, Counter counter) {
    return out << counter.value;
  }
  template <class H>
  friend H AbslHashValue(H state, Counter counter) {
    return H::combine(std::move(state), counter.value);
  }
};

using Term = Counter<struct TermTag>;          // election epoch; 0 before the first election
using LogIndex = Counter<struct LogIndexTag>;  // position in the log; the first entry is 1

// Identities. 0 names nobody.
enum class ReplicaId : uint64_t {};
enum class ClusterId : uint64_t {};

inline constexpr ReplicaId kNoReplica{0};

// Names one read that waits for its index; never used twice in a group, see
// RawNodeConfig::incarnation.
enum class ReadToken : uint64_t {};

inline std::ostream& operator<<(std::ostream& out, ReplicaId id) {
  return out << static_cast<uint64_t>(id);
}
inline std::ostream& operator<<(std::ostream& out, ClusterId id) {
  return out << static_cast<uint64_t>(id);
}

// Names one entry for ever: no two entries share index and term (log matching, paper 5.3).
struct EntryId {
  Term term;
  LogIndex index;
  auto operator<=>(const EntryId&) const = default;
};

// What a replica must remember across restarts (paper, figure 2), plus the commit index it knew.
struct HardState {
  Term term = {};
  ReplicaId vote = kNoReplica;
  LogIndex commit = {};
  bool operator==(const HardState&) const = default;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_TYPES_H_
