#include "tests/raft/runtime/group_host.h"

#include <glog/logging.h>

#include <utility>

#include "absl/time/clock.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/runtime/blocking_calls.h"

namespace blixard::raft {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr uint64_t kSegmentBytes = 16 * 1024;

}  // namespace

GroupHost::GroupHost(const GroupHostOptions& options, Transport& wire) : options_(options) {
  auto hub = GroupHub::Create({.self = ReplicaId{options.self}, .gather = options.gather}, wire);
  CHECK(hub.ok()) << hub.status();
  hub_ = *std::move(hub);
}

GroupHost::~GroupHost() { StopAll(); }

void GroupHost::StopAll() {
  while (!members_.empty()) Stop(members_.begin()->first);
  hub_->Stop();
}

void GroupHost::Start(ClusterId group) {
  auto member = std::make_unique<Member>();
  ReplicaConfig config;
  config.cluster = group;
  config.id = ReplicaId{options_.self};
  for (uint64_t host = 1; host <= options_.hosts; ++host) config.voters.push_back(ReplicaId{host});
  config.seed = static_cast<uint64_t>(group) * 1000 + options_.self;
  config.tick = options_.tick;
  config.election_ticks = options_.election_ticks;
  config.max_batch_bytes = kSegmentBytes / 2;
  auto opened = Wal::Open(member->files, memory::BufferPool::Default(),
                          {.directory = "/log",
                           .cluster = group,
                           .replica = config.id,
                           .segment_bytes = kSegmentBytes});
  CHECK(opened.ok()) << opened.status();
  member->wal = std::move(opened->wal);
  auto replica = Replica::Start(config,
                                {.storage = *member->wal,
                                 .transport = hub_->Join(group),
                                 .planner = member->planner,
                                 .state_machine = member->state_machine},
                                std::move(opened->recovered), nullptr);
  CHECK(replica.ok()) << replica.status();
  member->replica = *std::move(replica);
  hub_->Serve(group, *member->replica);
  members_[group] = std::move(member);
}

void GroupHost::Stop(ClusterId group) {
  members_.at(group)->replica->Stop();
  hub_->Leave(group);
  members_.erase(group);
}

Replica* GroupHost::replica(ClusterId group) {
  const auto member = members_.find(group);
  return member == members_.end() ? nullptr : member->second->replica.get();
}

bool CommitsSomething(GroupHosts& hosts, ClusterId group) {
  return Eventually([&] {
    for (const auto& host : hosts) {
      Replica* const replica = host->replica(group);
      if (replica != nullptr && ProposeAndWait(*replica, "something").ok()) return true;
    }
    return false;
  });
}

bool HasLeader(GroupHosts& hosts, ClusterId group) {
  for (size_t i = 0; i < hosts.size(); ++i) {
    Replica* const replica = hosts[i]->replica(group);
    if (replica != nullptr && replica->leader() == ReplicaId{i + 1}) return true;
  }
  return false;
}

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

}  // namespace blixard::raft
