// The newest outcomes in a fixed number of bytes: each new one overwrites the oldest. Which are
// still there depends on nothing but their lengths and order, so it is the same on every replica.
#ifndef BLIXARD_RAFT_RUNTIME_OUTCOME_RING_H_
#define BLIXARD_RAFT_RUNTIME_OUTCOME_RING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/strings/string_view.h"

namespace blixard::raft {

// Not thread-safe. Memory is taken at construction and touched as it fills.
class OutcomeRing {
 public:
  // Where an outcome stands: counted over all that was ever appended, so no place comes twice.
  struct Place {
    uint64_t offset = kNowhere;
    uint32_t bytes = 0;
    bool operator==(const Place&) const = default;
  };
  static constexpr uint64_t kNowhere = UINT64_MAX;

  explicit OutcomeRing(size_t capacity_bytes);  // at least 1 (CHECKed)

  // `outcome` is no longer than the ring (CHECKed) and is not part of it.
  Place Append(absl::string_view outcome);

  // The outcome, until the next Append; nothing when it was overwritten or was never there.
  std::optional<absl::string_view> Find(const Place& place) const;

  // Where the next outcome goes, if it fits before the ring's end.
  uint64_t head() const { return head_; }
  size_t capacity_bytes() const { return capacity_; }

  // For reading a snapshot: goes on from `head` as if as much had been appended.
  void RestoreHead(uint64_t head) { head_ = head; }
  // Puts an outcome back where it stood. False, and nothing done, where none can stand.
  bool RestoreAt(const Place& place, absl::string_view outcome);

 private:
  bool IsKept(const Place& place) const;

  size_t capacity_;
  std::unique_ptr<char[]> bytes_;
  uint64_t head_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_OUTCOME_RING_H_
