// The replicated map of the simulation: a few registers behind the runtime's client sessions, small
// enough to be compared after every step.
#ifndef BLIXARD_TESTS_SIMULATION_KV_STATE_MACHINE_H_
#define BLIXARD_TESTS_SIMULATION_KV_STATE_MACHINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/session_state_machine.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"
#include "tests/simulation/history.h"

namespace blixard::raft {

inline constexpr size_t kSimulatedKeys = 6;
inline constexpr size_t kSimulatedClients = 5;

// What is proposed inside a session. Values are never 0, which means absent.
struct KvCommand {
  OperationKind kind = OperationKind::kRead;
  uint8_t key = 0;
  uint32_t client = 0;
  uint32_t sequence = 0;  // of the client's operations, whatever its sessions
  uint64_t value = 0;
  uint64_t expected = 0;
};

void EncodeKvCommand(const KvCommand& command, std::string& bytes);
// CHECKs the size: nothing else is ever proposed here.
KvCommand DecodeKvCommand(absl::string_view bytes);

// The outcome of a command: what stood there.
void EncodeKvOutcome(uint64_t found, std::string& bytes);
uint64_t DecodeKvOutcome(absl::string_view bytes);

// The registers, behind the sessions. Requests of one entry in PassThroughPlanner's format.
class KvRegisters final : public StateMachine {
 public:
  void Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) override;
  std::unique_ptr<StateView> Freeze() override;
  absl::Status Restore(SnapshotSource& source) override;

  uint64_t value(size_t key) const { return values_[key]; }
  uint64_t digest() const;
  // What took effect since this was asked last.
  std::vector<KvCommand> TakeFresh() { return std::move(fresh_); }

 private:
  std::array<uint64_t, kSimulatedKeys> values_ = {};
  std::vector<KvCommand> fresh_;
  std::string outcome_;
};

// Registers behind the runtime's sessions, writing down what happens for whoever checks it.
class KvStateMachine final : public StateMachine {
 public:
  // One entry that was applied, or a snapshot that was restored.
  struct Record {
    EntryId id;                    // {0, 0}: a snapshot
    uint64_t digest = 0;           // of the state after it, sessions included
    std::vector<KvCommand> fresh;  // what took effect
  };

  KvStateMachine();

  void Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) override;
  std::unique_ptr<StateView> Freeze() override { return sessions_.Freeze(); }
  absl::Status Restore(SnapshotSource& source) override;

  uint64_t value(size_t key) const { return registers_.value(key); }
  uint64_t digest() const;
  // Since it was cleared last.
  std::vector<Record>& records() { return records_; }

 private:
  KvRegisters registers_;
  SessionStateMachine sessions_;
  std::vector<Record> records_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_KV_STATE_MACHINE_H_
