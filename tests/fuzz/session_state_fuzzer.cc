// Client sessions with the state behind them: a snapshot's stream, and log entries
// (raft/runtime/session_state_machine.h).
#include <glog/logging.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/core/types.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/session_request.h"
#include "raft/runtime/session_state_machine.h"
#include "raft/runtime/session_table.h"
#include "raft/runtime/snapshot_stream.h"
#include "raft/runtime/state_machine.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/raft/runtime/memory_stream.h"

namespace blixard::fuzz {
namespace {

const raft::SessionTableOptions kOptions = {
    .max_sessions = 4, .window = 4, .max_outcome_bytes = 32, .outcome_bytes = 256};

constexpr absl::string_view kMark = "notes:";

// Keeps every entry it was given; its stream begins with a mark.
class Notes : public raft::StateMachine {
 public:
  void Apply(raft::EntryId, absl::string_view payload, raft::OutcomeSink& outcomes) override {
    notes_.append(payload.data(), payload.size());
    if (!payload.empty()) outcomes.Set(0, payload.substr(0, 40));
  }

  std::unique_ptr<raft::StateView> Freeze() override { return std::make_unique<View>(notes_); }

  absl::Status Restore(raft::SnapshotSource& source) override {
    std::string bytes;
    std::array<char, 100> block;
    while (true) {
      const absl::StatusOr<size_t> read = source.Read(absl::MakeSpan(block));
      if (!read.ok()) return read.status();
      if (*read == 0) break;
      bytes.append(block.data(), *read);
    }
    if (absl::string_view(bytes).substr(0, kMark.size()) != kMark) {
      return absl::DataLossError("notes: want their mark");
    }
    notes_ = bytes.substr(kMark.size());
    return absl::OkStatus();
  }

 private:
  class View : public raft::StateView {
   public:
    explicit View(std::string notes) : notes_(std::move(notes)) {}
    absl::Status WriteTo(raft::SnapshotSink& sink) override {
      const absl::Status marked = sink.Write(kMark);
      return marked.ok() ? sink.Write(notes_) : marked;
    }

   private:
    const std::string notes_;
  };

  std::string notes_;
};

struct Machine {
  Notes notes;
  raft::SessionStateMachine sessions{notes, kOptions};

  std::string Written() {
    raft::MemorySink sink;
    CHECK(sessions.Freeze()->WriteTo(sink).ok());
    return sink.bytes();
  }
};

// Every outcome is one, of a position that the entry may have.
class Outcomes : public raft::OutcomeSink {
 public:
  explicit Outcomes(size_t positions) : set_(positions) {}
  void Set(size_t position, absl::string_view outcome) override {
    CHECK_LT(position, set_.size());
    CHECK(!set_[position]) << "position " << position << " was set twice";
    set_[position] = true;
    CHECK(raft::DecodeSessionOutcome(outcome).ok());
  }

 private:
  std::vector<bool> set_;
};

void Apply(absl::string_view entry, uint64_t index, Machine& machine) {
  Outcomes outcomes(entry.size() / sizeof(uint32_t));
  machine.sessions.Apply({.term = {1}, .index = {index}}, entry, outcomes);
}

void Restore(absl::string_view bytes, size_t piece) {
  Machine machine;
  const std::string before = machine.Written();
  raft::MemorySource source{std::string(bytes), piece};
  if (machine.sessions.Restore(source).ok()) {
    CHECK(machine.Written() == bytes) << "a state has two streams";
  } else {
    CHECK(machine.Written() == before) << "what was refused left something behind";
  }
}

std::string Request(const raft::SessionRequest& request) {
  std::string bytes;
  raft::EncodeSessionRequest(request, bytes);
  return bytes;
}

std::string EntryOf(const std::vector<std::string>& requests) {
  std::string entry;
  for (const std::string& request : requests) raft::AppendPassThroughRequest(request, entry);
  return entry;
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  Restore(bytes, 4096);
  Restore(bytes, 3);
  Machine machine;
  Apply(bytes, 1, machine);
  Apply(bytes, 2, machine);  // now much of it is repeated
  Restore(machine.Written(), 4096);
}

std::vector<std::string> Seeds() {
  Machine machine;
  std::vector<std::string> seeds = {machine.Written()};
  const auto apply = [&](uint64_t index, const std::vector<std::string>& requests) {
    seeds.push_back(EntryOf(requests));
    Apply(seeds.back(), index, machine);
    seeds.push_back(machine.Written());
  };
  const raft::RequestId first = {.client = raft::ClientId{1}, .sequence = {1}};
  const raft::RequestId second = {.client = raft::ClientId{1}, .sequence = {2}};
  apply(1, {Request({})});  // registers client 1
  apply(2, {Request({.id = first, .payload = "one"}), Request({.id = second, .payload = "two"}),
            Request({.id = first, .payload = "one"})});
  return seeds;
}

}  // namespace blixard::fuzz
