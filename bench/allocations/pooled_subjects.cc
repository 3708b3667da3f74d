#include <fmt/format.h>
#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "bench/allocations/subjects.h"
#include "memory_optimization/allocation_tracker.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/checksum.h"
#include "raft/core/message.h"
#include "raft/core/message_codec.h"
#include "raft/runtime/raft_proposal.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/placement_planner.h"
#include "scheduler/replicated/placement_state_machine.h"
#include "scheduler/replicated/request.h"

namespace blixard::bench {
namespace {

using scheduler::RequestOp;
using scheduler::Resources;

constexpr Resources kVmSize = {.vcpu_milli = 1'000, .memory_mib = 1'024, .disk_gib = 1};
constexpr Resources kNodeCapacity = {.vcpu_milli = 4'000, .memory_mib = 8'192, .disk_gib = 100};

std::vector<std::string> VmNames(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back(VmName(i));
  return names;
}

class Answers : public raft::ProposalListener {
 public:
  void OnProposalEnd(const raft::RaftProposal&, raft::ProposalEnd) override { ++count_; }
  size_t count() const { return count_; }

 private:
  size_t count_ = 0;
};

void MakeProposals(const std::vector<std::string>& names, Answers& answers) {
  for (size_t i = 0; i < kProposals; ++i) {
    const memory::Pooled<raft::RaftProposal> proposal = raft::AcquireRaftProposal();
    CHECK(proposal) << "no proposal is free";
    scheduler::EncodeRequest({.op = RequestOp::kCreateVm,
                              .id = {.client_id = 7, .sequence = i + 1},
                              .name = names[i % names.size()],
                              .resources = kVmSize},
                             &proposal->request);
    proposal->listener = &answers;
    raft::EndProposal(*proposal, raft::ProposalEnd::kCommitted);
  }
}

class OutcomeCounter : public raft::OutcomeSink {
 public:
  void Set(size_t, absl::string_view outcome) override {
    const auto decoded = scheduler::DecodeOutcome(outcome);
    CHECK(decoded.ok() && decoded->code == scheduler::OutcomeCode::kOk) << "a request failed";
    ++done_;
  }
  size_t done() const { return done_; }

 private:
  size_t done_ = 0;
};

// The planner and the state machine of a leader, from a request's bytes to the applied entry.
class Leader {
 public:
  Leader() {
    planner_.BeginTerm({1});
    for (size_t i = 0; i < kNodes; ++i) Run(RequestOp::kRegisterNode, NodeName(i), kNodeCapacity);
  }

  void CreateVms() {
    for (const std::string& name : names_) Run(RequestOp::kCreateVm, name, kVmSize);
  }
  void DeleteVms() {
    for (const std::string& name : names_) Run(RequestOp::kDeleteVm, name, {});
  }

 private:
  void Run(RequestOp op, absl::string_view name, const Resources& resources) {
    request_.clear();
    scheduler::EncodeRequest({.op = op,
                              .id = {.client_id = 7, .sequence = ++sequence_},
                              .name = name,
                              .resources = resources},
                             &request_);
    memory::Buffer payload = memory::BufferPool::Default().Acquire(1024).value();
    const absl::string_view request = request_;
    planner_.Plan({sequence_}, {&request, 1}, payload);
    machine_.Apply({.term = {1}, .index = {sequence_}}, payload.view(), outcomes_);
    CHECK_EQ(outcomes_.done(), sequence_);
  }

  scheduler::PlacementStateMachine machine_{
      {.limits = {.remembered_requests = 64}, .checkpoint_interval = 1 << 20}};
  scheduler::PlacementPlanner planner_{machine_};
  OutcomeCounter outcomes_;
  const std::vector<std::string> names_ = VmNames(kVms);
  std::string request_ = std::string(scheduler::kMaxRequestBytes, ' ');
  uint64_t sequence_ = 0;
};

raft::Message MakeBatch() {
  raft::Message message;
  message.type = raft::MessageType::kAppend;
  message.term = {2};
  for (size_t i = 0; i < kBatchEntries; ++i) {
    std::string request;
    scheduler::EncodeRequest(
        {.id = {.client_id = 7, .sequence = i + 1}, .name = VmName(i), .resources = kVmSize},
        &request);
    raft::Entry& entry = message.entries.emplace_back();
    entry.term = {2};
    entry.index = {i + 1};
    entry.type = raft::EntryType::kCommand;
    entry.payload = memory::BufferPool::Default().AcquireCopy(request).value();
    entry.payload_crc32c = raft::PayloadCrc32c(request);
  }
  return message;
}

}  // namespace

std::string VmName(size_t i) { return fmt::format("virtual-machine-of-a-tenant-{:06}", i); }
std::string NodeName(size_t i) { return fmt::format("node-in-rack-and-zone-{:06}", i); }

uint64_t CountPooledProposals() {
  Answers answers;
  const std::vector<std::string> names = VmNames(kVms);
  MakeProposals(names, answers);  // the pool is warm, as in a server that runs
  memory::AllocationTracker tracker("pooled proposals");
  MakeProposals(names, answers);
  CHECK_EQ(answers.count(), 2 * kProposals);
  return tracker.Finish().allocations;
}

uint64_t CountPooledScheduling() {
  Leader leader;
  leader.CreateVms();  // the tables have had as many VMs: what they store has its room
  leader.DeleteVms();
  memory::AllocationTracker tracker("pooled scheduling");
  leader.CreateVms();
  return tracker.Finish().allocations;
}

uint64_t CountStoredState() {
  Leader leader;
  memory::AllocationTracker tracker("stored state");
  leader.CreateVms();
  return tracker.Finish().allocations;
}

uint64_t CountPooledSerialization() {
  const raft::Message batch = MakeBatch();
  raft::Message received;
  std::string frames;
  const auto send_and_receive = [&] {
    frames.clear();
    raft::EncodeMessage(batch, frames);
    CHECK(raft::DecodeMessage(frames, memory::BufferPool::Default(), received).ok());
    CHECK_EQ(received.entries.size(), kBatchEntries);
  };
  send_and_receive();
  memory::AllocationTracker tracker("pooled serialization");
  send_and_receive();
  return tracker.Finish().allocations;
}

}  // namespace blixard::bench
