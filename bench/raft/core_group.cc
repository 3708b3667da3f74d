#include "bench/raft/core_group.h"

#include <glog/logging.h>

#include <utility>

#include "memory_optimization/buffer_pool.h"
#include "raft/core/raw_node_config.h"
#include "raft/core/ready_batch.h"
#include "raft/core/snapshot_meta.h"

namespace blixard::bench {

CoreGroup::CoreGroup(uint64_t voters) : members_(voters) {
  raft::RawNodeConfig config;
  config.cluster = raft::ClusterId{1};
  for (uint64_t id = 1; id <= voters; ++id) configuration_.voters.push_back(raft::ReplicaId{id});
  raft::RestoredLog first;
  first.snapshot.configuration = configuration_;
  for (uint64_t id = 1; id <= voters; ++id) {
    config.id = raft::ReplicaId{id};
    members_[id - 1].node = raft::RawNode::Create(config, first).value();
  }
  members_.front().node->Campaign();
  Settle();
  CHECK(members_.front().node->role() == raft::Role::kLeader);
}

void CoreGroup::Propose(absl::string_view payload) {
  absl::StatusOr<memory::Buffer> buffer = memory::BufferPool::Default().AcquireCopy(payload);
  CHECK(buffer.ok()) << buffer.status();
  const auto entry = members_.front().node->Propose(*std::move(buffer));
  CHECK(entry.ok()) << entry.status();
}

void CoreGroup::Settle() {
  for (bool busy = true; busy;) {
    busy = false;
    for (Member& member : members_) busy = WorkOn(member) || busy;
  }
}

bool CoreGroup::WorkOn(Member& member) {
  member.arriving.Swap(member.taken);
  for (size_t i = 0; i < member.taken.used; ++i) {
    const absl::Status taken = member.node->Step(member.taken.slots[i]);
    CHECK(taken.ok()) << taken;
  }
  bool busy = std::exchange(member.taken.used, 0) > 0;
  while (member.node->HasReady()) {
    busy = true;
    const raft::ReadyBatch& ready = member.node->Ready();
    Send(ready.messages);
    Send(ready.append.messages);
    Apply(member, ready.apply.committed);
    member.node->Advance();
  }
  return busy;
}

void CoreGroup::Send(absl::Span<const raft::Message> messages) {
  for (const raft::Message& message : messages) {
    Inbox& inbox = members_[static_cast<uint64_t>(message.to) - 1].arriving;
    if (inbox.used == inbox.slots.size()) inbox.slots.emplace_back();
    inbox.slots[inbox.used++] = message;
  }
}

void CoreGroup::Apply(Member& member, absl::Span<const raft::Entry> committed) {
  for (const raft::Entry& entry : committed) {
    member.applied = entry.id();
    if (entry.type != raft::EntryType::kCommand || &member != &members_.front()) continue;
    ++applied_;
    applied_bytes_ += entry.payload.size();
  }
}

void CoreGroup::Compact() {
  for (Member& member : members_) {
    member.node->SetSnapshot({.last = member.applied, .configuration = configuration_});
    member.node->Compact(member.applied.index);
  }
}

}  // namespace blixard::bench
