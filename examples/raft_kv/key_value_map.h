// What the log drives: a map from text to text.
#ifndef BLIXARD_EXAMPLES_RAFT_KV_KEY_VALUE_MAP_H_
#define BLIXARD_EXAMPLES_RAFT_KV_KEY_VALUE_MAP_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "examples/raft_kv/key_value.pb.h"
#include "raft/runtime/state_machine.h"

namespace blixard::example {

// Deterministic: the same entries give the same map on every replica.
class KeyValueMap final : public raft::StateMachine {
 public:
  // What stands under `key` now. Any thread.
  Reply Read(const std::string& key) const;

  // An entry holds the Requests of one batch; each gets a Reply.
  void Apply(raft::EntryId id, absl::string_view payload, raft::OutcomeSink& outcomes) override;
  std::unique_ptr<raft::StateView> Freeze() override;
  absl::Status Restore(raft::SnapshotSource& source) override;

 private:
  Reply CarryOut(const Request& request);

  mutable std::mutex mutex_;
  std::map<std::string, std::string> map_;  // guarded by mutex_
};

}  // namespace blixard::example

#endif  // BLIXARD_EXAMPLES_RAFT_KV_KEY_VALUE_MAP_H_
