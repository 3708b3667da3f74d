// The replicated map of the simulation: a few registers and one session per client, small enough to
// be compared and copied after every step.
#ifndef BLIXARD_TESTS_SIMULATION_KV_STATE_MACHINE_H_
#define BLIXARD_TESTS_SIMULATION_KV_STATE_MACHINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/types.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"
#include "tests/simulation/history.h"

namespace blixard::raft {

inline constexpr size_t kSimulatedKeys = 6;
inline constexpr size_t kSimulatedClients = 5;

// Values are never 0, which means absent.
struct KvCommand {
  OperationKind kind = OperationKind::kRead;
  uint8_t key = 0;
  uint32_t client = 0;
  uint32_t sequence = 0;  // of the client's requests; a repeated request keeps it
  uint64_t value = 0;
  uint64_t expected = 0;
};

void EncodeKvCommand(const KvCommand& command, std::string& bytes);
// CHECKs the size: nothing else is ever proposed here.
KvCommand DecodeKvCommand(absl::string_view bytes);

struct KvOutcome {
  uint64_t found = 0;    // what stood there
  bool carried = false;  // false: the request is older than the session's last one
};

void EncodeKvOutcome(const KvOutcome& outcome, std::string& bytes);
KvOutcome DecodeKvOutcome(absl::string_view bytes);

// Deterministic; a value, so copying it is a snapshot.
class KvState {
 public:
  // `repeated` is set when the session knew the request already; then nothing changed.
  struct Applied {
    KvOutcome outcome;
    bool repeated = false;
  };
  Applied Apply(const KvCommand& command);

  uint64_t value(size_t key) const { return values_[key]; }
  uint64_t digest() const;
  std::string Encode() const;
  // kDataLoss for anything but what Encode gives.
  static absl::StatusOr<KvState> Decode(absl::string_view bytes);
  bool operator==(const KvState&) const = default;

 private:
  struct Session {
    uint32_t sequence = 0;
    uint64_t found = 0;
    bool operator==(const Session&) const = default;
  };
  std::array<uint64_t, kSimulatedKeys> values_ = {};
  std::array<Session, kSimulatedClients> sessions_ = {};
};

// Requests of one entry in PassThroughPlanner's format.
class KvStateMachine final : public StateMachine {
 public:
  // One entry that was applied, for whoever checks it.
  struct Record {
    EntryId id;
    uint64_t digest = 0;           // of the state after it
    std::vector<KvCommand> fresh;  // what took effect
    uint32_t repeated = 0;         // requests that did not, because their session knew them
  };

  void Apply(EntryId id, absl::string_view payload, OutcomeSink& outcomes) override;
  std::unique_ptr<StateView> Freeze() override;
  absl::Status Restore(SnapshotSource& source) override;

  const KvState& state() const { return state_; }
  // Since it was cleared last.
  std::vector<Record>& records() { return records_; }

 private:
  KvState state_;
  std::vector<Record> records_;
  std::string outcome_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_KV_STATE_MACHINE_H_
