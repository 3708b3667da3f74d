// The replicas of many groups that one process has, behind one hub; their logs are in memory.
#ifndef BLIXARD_TESTS_RAFT_RUNTIME_GROUP_HOST_H_
#define BLIXARD_TESTS_RAFT_RUNTIME_GROUP_HOST_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "raft/core/types.h"
#include "raft/runtime/group_hub.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/transport.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/memory_file_system.h"

namespace blixard::raft {

struct GroupHostOptions {
  uint64_t self = 0;
  uint64_t hosts = 3;  // every group has a voter on each
  absl::Duration tick = absl::Milliseconds(50);
  uint32_t election_ticks = 20;
  absl::Duration gather = absl::Milliseconds(10);
};

// Not thread-safe. `wire` is not owned; it hands what comes to hub().
class GroupHost {
 public:
  GroupHost(const GroupHostOptions& options, Transport& wire);
  ~GroupHost();  // stops everything

  // CHECKs that it runs.
  void Start(ClusterId group);
  // Its log is gone with it.
  void Stop(ClusterId group);

  // All of them, and then the hub: the wire is not used any more.
  void StopAll();

  GroupHub& hub() { return *hub_; }
  // Null when it does not run.
  Replica* replica(ClusterId group);

 private:
  class AnswersNothing : public StatelessMachine {
    void Apply(EntryId, absl::string_view, OutcomeSink&) override {}
  };
  struct Member {
    MemoryFileSystem files;
    std::unique_ptr<Wal> wal;
    PassThroughPlanner planner;
    AnswersNothing state_machine;
    std::unique_ptr<Replica> replica;
  };

  const GroupHostOptions options_;
  std::unique_ptr<GroupHub> hub_;
  std::map<ClusterId, std::unique_ptr<Member>> members_;
};

using GroupHosts = std::vector<std::unique_ptr<GroupHost>>;

// Whether the group has a leader that commits a proposal within half a minute.
bool CommitsSomething(GroupHosts& hosts, ClusterId group);

// Whether some replica of the group takes itself for the leader.
bool HasLeader(GroupHosts& hosts, ClusterId group);

// Until `condition` holds; false when it does not within half a minute.
bool Eventually(const std::function<bool()>& condition);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_RUNTIME_GROUP_HOST_H_
