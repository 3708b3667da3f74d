// The log storage of a simulated replica, with the world's checks looking at what it is told and
// what it makes durable.
#ifndef BLIXARD_TESTS_SIMULATION_CHECKED_STORAGE_H_
#define BLIXARD_TESTS_SIMULATION_CHECKED_STORAGE_H_

#include <memory>
#include <optional>
#include <vector>

#include "raft/storage/log_storage.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/safety_checks.h"

namespace blixard::raft {

class CheckedStorage final : public LogStorage {
 public:
  struct Watchers {
    SafetyChecks& checks;
    Coverage& coverage;
  };
  CheckedStorage(std::unique_ptr<LogStorage> storage, ReplicaId replica, Watchers watchers)
      : storage_(std::move(storage)),
        replica_(replica),
        checks_(watchers.checks),
        coverage_(watchers.coverage) {}

  absl::Status Append(const std::optional<HardState>& hard_state,
                      absl::Span<const Entry> entries) override;
  absl::Status Sync() override;
  absl::Status CompactThrough(EntryId through) override;
  absl::Status InstallSnapshot(EntryId last, const HardState& hard_state) override;
  bool PrepareStep() override { return storage_->PrepareStep(); }
  bool WantsPrepare() const override { return storage_->WantsPrepare(); }
  LogSpace space() const override { return storage_->space(); }
  LogStorageStats stats() const override { return storage_->stats(); }

 private:
  struct Step {
    std::optional<HardState> hard_state;
    std::vector<Entry> entries;
  };

  const std::unique_ptr<LogStorage> storage_;
  const ReplicaId replica_;
  SafetyChecks& checks_;
  Coverage& coverage_;
  std::vector<Step> unsynced_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_CHECKED_STORAGE_H_
