#include "rpc/cli/verification.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "rpc/client/replica_client.h"

namespace blixard::rpc {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(50);
constexpr absl::Duration kReadTimeout = absl::Seconds(20);

absl::StatusOr<std::vector<v1::ReplicaStatus>> ReadStatuses(
    const std::vector<std::unique_ptr<ReplicaClient>>& clients) {
  std::vector<v1::ReplicaStatus> statuses;
  for (const auto& client : clients) {
    absl::StatusOr<v1::ReplicaStatus> status = client->GetStatus();
    if (!status.ok()) {
      return absl::Status(status.status().code(),
                          absl::StrCat(client->address(), ": ", status.status().message()));
    }
    statuses.push_back(*std::move(status));
  }
  return statuses;
}

// A leader has committed all of its log, which holds an entry of its own term and so everything
// that was ever acknowledged, and every replica has applied it.
bool AreTogether(const std::vector<v1::ReplicaStatus>& statuses) {
  const auto leader = std::find_if(
      statuses.begin(), statuses.end(),
      [](const v1::ReplicaStatus& status) { return status.role() == v1::ROLE_LEADER; });
  if (leader == statuses.end()) return false;
  return std::all_of(statuses.begin(), statuses.end(), [&](const v1::ReplicaStatus& status) {
    return status.term() == leader->term() && status.applied_index() == leader->last_index();
  });
}

absl::StatusOr<std::vector<v1::ReplicaStatus>> AwaitTogether(
    const std::vector<std::unique_ptr<ReplicaClient>>& clients, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    absl::StatusOr<std::vector<v1::ReplicaStatus>> statuses = ReadStatuses(clients);
    if (!statuses.ok() || AreTogether(*statuses)) return statuses;
    if (absl::Now() > deadline) {
      std::string error = "the replicas did not come together in time:";
      for (const v1::ReplicaStatus& status : *statuses) {
        absl::StrAppend(&error, " replica ", status.replica_id(), " has applied ",
                        status.applied_index(), " of ", status.last_index(), " entries;");
      }
      return absl::DeadlineExceededError(error);
    }
    absl::SleepFor(kPollInterval);
  }
}

// How one replica's list of VMs deviates, by VM of the trace; and nodes that hold too much.
class ReplicaCheck {
 public:
  ReplicaCheck(const scheduler::traces::Trace& trace, absl::Span<const ReplayedVm> acknowledged)
      : trace_(trace),
        acknowledged_(acknowledged),
        lost_(trace.vms.size()),
        duplicated_(trace.vms.size()),
        misplaced_(trace.vms.size()) {
    for (uint32_t vm = 0; vm < trace.vms.size(); ++vm) by_name_[trace.vms[vm].name] = vm;
  }

  void Check(const ReplicaContent& replica) {
    std::vector<uint32_t> seen(trace_.vms.size());
    absl::flat_hash_map<uint32_t, Sum> placed;
    for (const v1::Vm& vm : replica.vms) {
      placed[vm.node_id()].Add(vm.resources());
      const auto known = by_name_.find(vm.name());
      if (known == by_name_.end()) continue;
      ++seen[known->second];
      if (IsMisplaced(vm, known->second)) misplaced_[known->second] = true;
    }
    for (uint32_t vm = 0; vm < seen.size(); ++vm) CheckCount(vm, seen[vm]);
    CheckNodes(replica, placed);
  }

  Verdict verdict() const {
    const auto count = [](const std::vector<bool>& marks) {
      return static_cast<uint32_t>(std::count(marks.begin(), marks.end(), true));
    };
    return {.vms_lost = count(lost_),
            .vms_duplicated = count(duplicated_),
            .vms_misplaced = count(misplaced_),
            .nodes_overcommitted = overcommitted_};
  }

 private:
  struct Sum {
    uint64_t vcpu_milli = 0;
    uint64_t memory_mib = 0;
    uint64_t disk_gib = 0;

    void Add(const v1::Resources& resources) {
      vcpu_milli += resources.vcpu_milli();
      memory_mib += resources.memory_mib();
      disk_gib += resources.disk_gib();
    }
    bool FitsIn(const v1::Resources& capacity) const {
      return vcpu_milli <= capacity.vcpu_milli() && memory_mib <= capacity.memory_mib() &&
             disk_gib <= capacity.disk_gib();
    }
  };

  bool IsMisplaced(const v1::Vm& vm, uint32_t known) const {
    const ReplayedVm& acknowledged = acknowledged_[known];
    const scheduler::Resources& wanted = trace_.vms[known].resources;
    return acknowledged.fate == VmFate::kPlaced &&
           (vm.vm_id() != acknowledged.vm_id || vm.node_id() != acknowledged.node_id ||
            vm.resources().vcpu_milli() != wanted.vcpu_milli ||
            vm.resources().memory_mib() != wanted.memory_mib ||
            vm.resources().disk_gib() != wanted.disk_gib);
  }

  void CheckCount(uint32_t vm, uint32_t seen) {
    const VmFate fate = acknowledged_[vm].fate;
    if (fate == VmFate::kPlaced && seen == 0) lost_[vm] = true;
    const bool gone = fate == VmFate::kDeleted || fate == VmFate::kRejected;
    if (seen > 1 || (gone && seen > 0)) duplicated_[vm] = true;
  }

  void CheckNodes(const ReplicaContent& replica, absl::flat_hash_map<uint32_t, Sum>& placed) {
    for (const v1::Node& node : replica.nodes) {
      if (!placed[node.node_id()].FitsIn(node.capacity())) ++overcommitted_;
      placed.erase(node.node_id());
    }
    overcommitted_ += static_cast<uint32_t>(placed.size());  // VMs on nodes that do not exist
  }

  const scheduler::traces::Trace& trace_;
  const absl::Span<const ReplayedVm> acknowledged_;
  absl::flat_hash_map<std::string, uint32_t> by_name_;
  std::vector<bool> lost_;
  std::vector<bool> duplicated_;
  std::vector<bool> misplaced_;
  uint32_t overcommitted_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<ReplicaContent>> ReadReplicas(const std::vector<std::string>& addresses,
                                                         absl::Duration timeout) {
  std::vector<std::unique_ptr<ReplicaClient>> clients;
  for (const std::string& address : addresses) {
    clients.push_back(std::make_unique<ReplicaClient>(address, kReadTimeout));
  }
  absl::StatusOr<std::vector<v1::ReplicaStatus>> statuses = AwaitTogether(clients, timeout);
  if (!statuses.ok()) return statuses.status();
  std::vector<ReplicaContent> contents(clients.size());
  for (size_t i = 0; i < clients.size(); ++i) {
    contents[i].address = addresses[i];
    contents[i].status = (*statuses)[i];
    absl::Status read =
        clients[i]->ListNodes([&](const v1::Node& node) { contents[i].nodes.push_back(node); });
    read.Update(clients[i]->ListVms([&](const v1::Vm& vm) { contents[i].vms.push_back(vm); }));
    if (!read.ok()) return read;
  }
  return contents;
}

Verdict Verify(const scheduler::traces::Trace& trace, absl::Span<const ReplayedVm> acknowledged,
               absl::Span<const ReplicaContent> replicas) {
  ReplicaCheck check(trace, acknowledged);
  for (const ReplicaContent& replica : replicas) check.Check(replica);
  Verdict verdict = check.verdict();
  verdict.digests_equal =
      !replicas.empty() &&
      std::all_of(replicas.begin(), replicas.end(), [&](const ReplicaContent& replica) {
        return replica.status.state_index() == replicas.front().status.state_index() &&
               replica.status.state_digest() == replicas.front().status.state_digest();
      });
  return verdict;
}

}  // namespace blixard::rpc
