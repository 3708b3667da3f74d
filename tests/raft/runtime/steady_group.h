// A group of three in steady state, on its real threads, for tests that nothing on any of them
// allocates: proposals in sessions, their way through followers, reads on leader and follower,
// heartbeats.
#ifndef BLIXARD_TESTS_RAFT_RUNTIME_STEADY_GROUP_H_
#define BLIXARD_TESTS_RAFT_RUNTIME_STEADY_GROUP_H_

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "memory_optimization/allocation_denial.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/object_pool.h"
#include "raft/core/configuration.h"
#include "raft/core/message.h"
#include "raft/runtime/pass_through_planner.h"
#include "raft/runtime/replica.h"
#include "raft/runtime/session_request.h"
#include "raft/runtime/session_state_machine.h"
#include "raft/runtime/transport.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal.h"
#include "tests/raft/runtime/stateless_machine.h"
#include "tests/raft/storage/volatile_directory.h"

namespace blixard::raft {

inline constexpr absl::string_view kSteadyRequest =
    "create a VM of some size somewhere in the cluster";

// Denies allocations on every thread that passes a Checkpoint, until the watch ends; then each
// reports at its next one what it did all the same.
class Watch {
 public:
  static Watch& Get() {
    static auto& watch = *new Watch;
    return watch;
  }

  // Called from within whatever a replica calls.
  void Checkpoint() {
    thread_local std::optional<memory::DenyAllocations> denial;
    const bool on = on_.load(std::memory_order_acquire);
    if (on == denial.has_value()) return;
    if (on) {
      ++threads_;
      denial.emplace("steady state", memory::DenyAllocations::OnAllocation::kReport);
      return;
    }
    if (denial->denied() > 0) {
      const memory::DenyAllocations::Exemption exempt;
      std::lock_guard lock(mutex_);
      denied_ += denial->denied();
      first_ = denial->FirstCallSite();
    }
    denial.reset();
  }

  void Begin() {
    std::lock_guard lock(mutex_);
    denied_ = threads_ = 0;
    on_.store(true, std::memory_order_release);
  }
  void End() { on_.store(false, std::memory_order_release); }

  struct Result {
    uint64_t denied;
    uint64_t threads;  // that were watched
    std::string first_call_site;
  };
  Result result() {
    std::lock_guard lock(mutex_);
    return {.denied = denied_, .threads = threads_, .first_call_site = first_};
  }

 private:
  std::atomic<bool> on_{false};
  std::atomic<uint64_t> threads_{0};
  std::mutex mutex_;
  uint64_t denied_ = 0;  // guarded by mutex_
  std::string first_;    // guarded by mutex_
};

class WatchedTransport : public Transport {
 public:
  explicit WatchedTransport(Transport& network) : network_(network) {}
  void Send(const Message& message) override {
    Watch::Get().Checkpoint();
    ++sent_;
    network_.Send(message);
  }
  void Flush() override {
    Watch::Get().Checkpoint();
    network_.Flush();
  }
  void SetMembers(const Configuration& members) override { network_.SetMembers(members); }
  uint64_t sent() const { return sent_; }

 private:
  Transport& network_;
  std::atomic<uint64_t> sent_{0};
};

// Answers every request with itself; wasteful when it shall be, and then allocates once a request.
class EchoStateMachine : public StatelessMachine {
 public:
  void Apply(EntryId, absl::string_view payload, OutcomeSink& outcomes) override {
    Watch::Get().Checkpoint();
    PassThroughReader reader(payload);
    for (size_t position = 0;; ++position) {
      const auto request = reader.Next();
      if (!request.ok() || !request->has_value()) return;
      if (wasteful) waste_ = std::make_unique<int>(1);
      outcomes.Set(position, **request);
    }
  }
  std::atomic<bool> wasteful{false};

 private:
  std::unique_ptr<int> waste_;
};

class CountedAnswers : public ProposalListener, public ReadListener {
 public:
  void OnProposalEnd(const RaftProposal&, ProposalEnd end) override {
    Watch::Get().Checkpoint();
    good += end == ProposalEnd::kCommitted;
    ++all;
  }
  void OnReadEnd(uint64_t, ReadEnd end, LogIndex) override {
    Watch::Get().Checkpoint();
    good += end == ReadEnd::kReady;
    ++all;
  }
  std::atomic<uint64_t> good{0};
  std::atomic<uint64_t> all{0};
};

// How the replicas of a SteadyGroup reach each other.
class SteadyNetwork {
 public:
  virtual ~SteadyNetwork() = default;
  virtual Transport& TransportOf(ReplicaId id) = 0;
  virtual void Serve(ReplicaId id, Replica& replica) = 0;  // hears from now on
  virtual void StopAll() {}                                // before the replicas go
};

// Three replicas on one machine, with their logs in /dev/shm where there is one.
class SteadyGroup {
 public:
  struct Member {
    explicit Member(Transport& network)
        : transport(network), sessions(echo, {.max_sessions = 16}) {}
    WatchedTransport transport;
    PassThroughPlanner planner;
    EchoStateMachine echo;
    SessionStateMachine sessions;
    std::unique_ptr<Wal> wal;
    std::unique_ptr<Replica> replica;
  };

  // `network`, not owned, reaches replicas 1 to 3.
  explicit SteadyGroup(SteadyNetwork& network)
      : network_(network),
        members_{Member(network.TransportOf(ReplicaId{1})),
                 Member(network.TransportOf(ReplicaId{2})),
                 Member(network.TransportOf(ReplicaId{3}))} {
    FillPools();
    for (uint64_t id = 1; id <= 3; ++id) Start(ReplicaId{id});
    LetFirstLead();
    EncodeSessionRequest({}, request_);  // registers client 1 or a later one
    Propose();
  }
  ~SteadyGroup() {
    for (Member& member : members_) member.replica->Stop();
    network_.StopAll();
  }

  // What is kept in pools has been used before, at the size that it has here.
  static void FillPools() {
    // Every replica keeps its log, over a network a copy of its own.
    constexpr size_t kBlocks = 24'000;
    std::vector<memory::Buffer> blocks;
    std::vector<memory::Pooled<Message>> messages;
    std::vector<memory::Pooled<RaftProposal>> proposals;
    for (size_t i = 0; i < kBlocks; ++i) {
      blocks.push_back(*memory::BufferPool::Default().Acquire(kSteadyRequest.size() + 30));
    }
    for (size_t i = 0; i < 500; ++i) {
      messages.push_back(AcquireMessage());
      messages.back()->entries.reserve(64);
      proposals.push_back(AcquireRaftProposal());
      proposals.back()->request.reserve(256);
      proposals.back()->outcome.reserve(256);
    }
  }

  void Start(ReplicaId id) {
    Member& member = members_[static_cast<size_t>(id) - 1];
    auto opened =
        Wal::Open(files_, memory::BufferPool::Default(),
                  {.directory = absl::StrCat(directory_.path(), "/", static_cast<uint64_t>(id)),
                   .cluster = ClusterId{1},
                   .replica = id})
            .value();
    member.wal = std::move(opened.wal);
    member.replica = Replica::Start({.cluster = ClusterId{1},
                                     .id = id,
                                     .voters = {ReplicaId{1}, ReplicaId{2}, ReplicaId{3}},
                                     .tick = absl::Milliseconds(10),
                                     .election_ticks = 6000},  // nobody stands by itself
                                    {.storage = *member.wal,
                                     .transport = member.transport,
                                     .planner = member.planner,
                                     .state_machine = member.sessions},
                                    std::move(opened.recovered), nullptr)
                         .value();
    network_.Serve(id, *member.replica);
  }

  template <class Condition>
  static void Await(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!condition()) {
      // What would come after a state that the group never reached means nothing.
      CHECK(std::chrono::steady_clock::now() < deadline) << "the group stands still";
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }

  // One operation each; returns when it is done.
  void Propose() {
    const uint64_t before = answers_.all;
    memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
    proposal->request.assign(request_);
    proposal->listener = &answers_;
    ASSERT_TRUE(replica(1).Propose(proposal).ok());
    Await([&] { return answers_.all > before; });
  }
  void ProposeInSession() {
    EncodeSessionRequest(
        {.id = RequestId{.client = ClientId{1}, .sequence = RequestSequence{++sequence_}},
         .payload = kSteadyRequest},
        request_);
    Propose();
  }
  void Read(uint64_t id) {
    const uint64_t before = answers_.all;
    ASSERT_TRUE(replica(id).Read({.listener = &answers_}).ok());
    Await([&] { return answers_.all > before; });
  }
  // Long enough for heartbeats and their answers, with nothing else to do.
  void Idle() {
    const uint64_t sent = members_[0].transport.sent();
    Await([&] { return members_[0].transport.sent() >= sent + 20; });
  }
  // Queues and batches grow until they have seen what a busy machine brings at once: some phase is
  // the first without. What allocates every time does so in all of them.
  Watch::Result StrictestPhase(const std::function<void()>& operate) {
    constexpr int kPhases = 12;
    Watch::Result result{};
    for (int phase = 0; phase < kPhases; ++phase) {
      Watch::Get().Begin();
      {
        Watch::Get().Checkpoint();  // the caller's thread is watched as well
        std::array<uint64_t, 3> sent;
        for (size_t i = 0; i < sent.size(); ++i) sent[i] = members_[i].transport.sent();
        operate();
        // Also of a replica that had to wait for a processor.
        for (size_t i = 0; i < sent.size(); ++i) {
          Await([&] { return members_[i].transport.sent() > sent[i]; });
        }
      }
      Watch::Get().End();
      Watch::Get().Checkpoint();
      // Every thread passes a checkpoint; those that proposals meet last do so before them.
      Idle();
      for (int i = 0; i < 5; ++i) ProposeInSession();
      Idle();
      result = Watch::Get().result();
      if (result.denied == 0) break;
    }
    return result;
  }

  // From now on every replica's state machine allocates once a request.
  void Waste() {
    for (Member& member : members_) member.echo.wasteful = true;
  }
  bool all_good() const { return answers_.good == answers_.all; }

 private:
  Replica& replica(uint64_t id) { return *members_[id - 1].replica; }

  void LetFirstLead() {
    constexpr auto kRoundTrip = std::chrono::milliseconds(500);
    auto again = std::chrono::steady_clock::now();
    for (uint64_t id : {1, 2, 3}) {
      Await([&] {
        // What it sends before its transport has reached the others is lost.
        const auto now = std::chrono::steady_clock::now();
        if (replica(1).leader() != ReplicaId{1} && now >= again) {
          replica(1).Request({.kind = ReplicaRequest::Kind::kCampaign});
          again = now + kRoundTrip;
        }
        return replica(id).leader() == ReplicaId{1};
      });
    }
  }

  VolatileDirectory directory_;
  PosixFileSystem files_;
  SteadyNetwork& network_;
  CountedAnswers answers_;
  std::string request_;
  uint64_t sequence_ = 0;
  std::array<Member, 3> members_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_RUNTIME_STEADY_GROUP_H_
