#include "examples/raft_kv/local_group.h"

#include <random>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "raft/storage/posix_file.h"

namespace blixard::example {

absl::Status LocalGroup::Start(const std::string& directory) {
  raft::PosixFileSystem files;
  if (absl::Status made = files.MakeDirectory(directory); !made.ok()) return made;
  const std::vector<raft::ReplicaId> voters = {raft::ReplicaId{1}, raft::ReplicaId{2},
                                               raft::ReplicaId{3}};
  for (const raft::ReplicaId id : voters) {
    auto started = KeyValueReplica::Start(
        {.cluster = raft::ClusterId{1}, .id = id, .voters = voters, .seed = std::random_device()()},
        absl::StrCat(directory, "/", static_cast<uint64_t>(id)), network_, nullptr);
    if (!started.ok()) return started.status();
    network_.Connect(id, (*started)->replica());
    replicas_[id] = *std::move(started);
  }
  return absl::OkStatus();
}

// Those that still run must not send to one that is gone.
LocalGroup::~LocalGroup() {
  for (const auto& [id, replica] : replicas_) network_.Disconnect(id);
}

std::vector<KeyValueReplica*> LocalGroup::replicas() const {
  std::vector<KeyValueReplica*> all;
  for (const auto& [id, replica] : replicas_) all.push_back(replica.get());
  return all;
}

}  // namespace blixard::example
