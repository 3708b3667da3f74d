// The links of a transport, found without a lock while others come and go.
#ifndef BLIXARD_RPC_TRANSPORT_LINK_TABLE_H_
#define BLIXARD_RPC_TRANSPORT_LINK_TABLE_H_

#include <glog/logging.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "raft/core/types.h"

namespace blixard::rpc {

// With and ForEach: any thread, at any time; they neither wait nor allocate, and keep the link
// alive while `use` runs, which must be short. Add and Take: one thread at a time, not from a
// `use`.
template <class Link, size_t kMaxLinks>
class LinkTable {
 public:
  // Calls use(link) if there is a link to `id`; returns whether there is.
  template <class Use>
  bool With(raft::ReplicaId id, const Use& use) const {
    const size_t in_use = in_use_.load(std::memory_order_acquire);
    for (size_t i = 0; i < in_use; ++i) {
      if (slots_[i].id.load(std::memory_order_relaxed) != id) continue;
      return slots_[i].With(id, use);
    }
    return false;
  }

  // Calls use(id, link) for every link.
  template <class Use>
  void ForEach(const Use& use) const {
    const size_t in_use = in_use_.load(std::memory_order_acquire);
    for (size_t i = 0; i < in_use; ++i) {
      const raft::ReplicaId id = slots_[i].id.load(std::memory_order_relaxed);
      if (id != raft::kNoReplica) slots_[i].With(id, [&](Link& link) { use(id, link); });
    }
  }

  // CHECKs that there is room, and no link to `id`.
  void Add(raft::ReplicaId id, std::unique_ptr<Link> link) {
    CHECK(!With(id, [](Link&) {})) << "there is a link to replica " << id;
    size_t free = 0;
    while (free < kMaxLinks && slots_[free].link != nullptr) ++free;
    CHECK_LT(free, kMaxLinks) << "no room for a link to replica " << id;
    slots_[free].link = std::move(link);
    slots_[free].id.store(id, std::memory_order_seq_cst);
    if (free >= in_use_.load(std::memory_order_relaxed)) {
      in_use_.store(free + 1, std::memory_order_release);
    }
  }

  // Takes the link to `id` out; null if there is none. Nobody uses it any more.
  std::unique_ptr<Link> Take(raft::ReplicaId id) {
    for (Slot& slot : slots_) {
      if (slot.id.load(std::memory_order_relaxed) != id) continue;
      slot.id.store(raft::kNoReplica, std::memory_order_seq_cst);
      while (slot.users.load(std::memory_order_seq_cst) > 0) std::this_thread::yield();
      return std::move(slot.link);
    }
    return nullptr;
  }

 private:
  // Whoever uses the link is counted first and then looks again whether it is still there; whoever
  // takes it first hides it and then waits for the count. One of them sees the other.
  struct alignas(64) Slot {
    template <class Use>
    bool With(raft::ReplicaId wanted, const Use& use) {
      users.fetch_add(1, std::memory_order_seq_cst);
      const bool there = id.load(std::memory_order_seq_cst) == wanted;
      if (there) use(*link);
      users.fetch_sub(1, std::memory_order_release);
      return there;
    }

    std::atomic<raft::ReplicaId> id{raft::kNoReplica};
    std::atomic<uint32_t> users{0};
    std::unique_ptr<Link> link;  // written while nobody can find it
  };

  mutable std::array<Slot, kMaxLinks> slots_;  // counts of users change in const methods
  std::atomic<size_t> in_use_{0};              // slots from here on were never used
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_LINK_TABLE_H_
