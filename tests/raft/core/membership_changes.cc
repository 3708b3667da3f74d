#include "tests/raft/core/membership_changes.h"

#include "raft/core/configuration_codec.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {

ConfigurationChange One(MemberChangeType type, uint64_t id) {
  return {.transition = Transition::kAuto, .changes = {{.type = type, .id = ReplicaId{id}}}};
}

ConfigurationChange Swap(uint64_t in, uint64_t out) {
  return {.transition = Transition::kAuto,
          .changes = {{.type = MemberChangeType::kAddVoter, .id = ReplicaId{in}},
                      {.type = MemberChangeType::kRemove, .id = ReplicaId{out}}}};
}

Entry ChangeEntry(const EntryId& id, const ConfigurationChange& change) {
  Entry entry = Command(id, Encode(change));
  entry.type = EntryType::kConfiguration;
  return entry;
}

}  // namespace blixard::raft
