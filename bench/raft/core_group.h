// Replicas of one group in one thread, for the core's own figures: logs in memory, a disk that is
// never waited for, messages handed over as they are.
#ifndef BLIXARD_BENCH_RAFT_CORE_GROUP_H_
#define BLIXARD_BENCH_RAFT_CORE_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/core/configuration.h"
#include "raft/core/entry.h"
#include "raft/core/message.h"
#include "raft/core/raw_node.h"
#include "raft/core/types.h"

namespace blixard::bench {

// Not thread-safe. Reuses everything it touches, so that what is allocated is the core's.
class CoreGroup {
 public:
  // Replica 1 of 1 to `voters` leads when this returns.
  explicit CoreGroup(uint64_t voters);

  // Proposes a copy of `payload` in the leader. CHECKs that it is taken.
  void Propose(absl::string_view payload);

  // Lets every replica store, send, receive and apply until none has anything left to do.
  void Settle();

  // Takes a snapshot on every replica and drops the log that it covers: all of it, after Settle.
  void Compact();

  // Commands that the leader has applied, and the bytes of their payloads.
  uint64_t applied() const { return applied_; }
  uint64_t applied_bytes() const { return applied_bytes_; }

 private:
  // Messages on their way to one replica; slots keep their capacity.
  struct Inbox {
    std::vector<raft::Message> slots;
    size_t used = 0;

    void Swap(Inbox& other) noexcept {
      slots.swap(other.slots);
      std::swap(used, other.used);
    }
  };
  struct Member {
    std::unique_ptr<raft::RawNode> node;
    Inbox arriving;
    Inbox taken;
    raft::EntryId applied;
  };

  bool WorkOn(Member& member);
  void Send(absl::Span<const raft::Message> messages);
  void Apply(Member& member, absl::Span<const raft::Entry> committed);

  raft::Configuration configuration_;
  std::vector<Member> members_;  // replica i + 1
  uint64_t applied_ = 0;
  uint64_t applied_bytes_ = 0;
};

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RAFT_CORE_GROUP_H_
