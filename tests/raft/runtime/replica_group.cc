#include "tests/raft/runtime/replica_group.h"

#include <glog/logging.h>

#include <array>
#include <optional>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/node_status.h"

namespace blixard::raft {
namespace {

// Only a test that fails waits so long.
constexpr absl::Duration kPatience = absl::Minutes(2);

// A leader must not lose its office because a busy machine let its followers wait.
constexpr uint32_t kElectionTicks = 100;

template <class Condition>
bool Becomes(Condition condition) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

// A journal as its snapshot has it: each request as a length of four bytes and its text.
class JournalView : public StateView {
 public:
  explicit JournalView(std::vector<std::string> journal) : journal_(std::move(journal)) {}

  absl::Status WriteTo(SnapshotSink& sink) override {
    for (const std::string& request : journal_) {
      const uint32_t length = static_cast<uint32_t>(request.size());
      absl::Status written = sink.Write({reinterpret_cast<const char*>(&length), sizeof(length)});
      if (written.ok()) written = sink.Write(request);
      if (!written.ok()) return written;
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<std::string> journal_;
};

}  // namespace

void JournalStateMachine::Apply(EntryId, absl::string_view payload, OutcomeSink& outcomes) {
  std::lock_guard lock(mutex_);
  PassThroughReader reader(payload);
  for (size_t position = 0;; ++position) {
    const auto request = reader.Next();
    CHECK(request.ok()) << request.status();
    if (!request->has_value()) return;
    journal_.emplace_back(**request);
    outcomes.Set(position, absl::StrCat(journal_.size(), ":", **request));
  }
}

std::unique_ptr<StateView> JournalStateMachine::Freeze() {
  return std::make_unique<JournalView>(journal());
}

absl::Status JournalStateMachine::Restore(SnapshotSource& source) {
  std::string bytes;
  std::array<char, 4096> piece;
  while (true) {
    const absl::StatusOr<size_t> read = source.Read(absl::MakeSpan(piece));
    if (!read.ok()) return read.status();
    if (*read == 0) break;
    bytes.append(piece.data(), *read);
  }
  std::vector<std::string> restored;
  PassThroughReader reader(bytes);
  while (true) {
    const auto request = reader.Next();
    if (!request.ok()) return request.status();
    if (!request->has_value()) break;
    restored.emplace_back(**request);
  }
  std::lock_guard lock(mutex_);
  journal_ = std::move(restored);
  return absl::OkStatus();
}

std::vector<std::string> JournalStateMachine::journal() const {
  std::lock_guard lock(mutex_);
  return journal_;
}

void AnswerBox::OnProposalEnd(const RaftProposal& proposal, ProposalEnd end) {
  std::lock_guard lock(mutex_);
  answers_.push_back({.request = proposal.request, .outcome = proposal.outcome, .end = end});
  arrived_.notify_all();
}

std::vector<AnswerBox::Answer> AnswerBox::Await(size_t count) {
  std::unique_lock lock(mutex_);
  const bool there = arrived_.wait_for(lock, absl::ToChronoSeconds(kPatience),
                                       [&] { return answers_.size() >= count; });
  CHECK(there) << "want " << count << " answers, got " << answers_.size();
  return answers_;
}

size_t AnswerBox::size() {
  std::lock_guard lock(mutex_);
  return answers_.size();
}

void ReadBox::OnReadEnd(uint64_t token, ReadEnd end, LogIndex index) {
  std::lock_guard lock(mutex_);
  answers_.push_back({.token = token, .end = end, .index = index});
  arrived_.notify_all();
}

std::vector<ReadBox::Answer> ReadBox::Await(size_t count) {
  std::unique_lock lock(mutex_);
  const bool there = arrived_.wait_for(lock, absl::ToChronoSeconds(kPatience),
                                       [&] { return answers_.size() >= count; });
  CHECK(there) << "want " << count << " answers, got " << answers_.size();
  return answers_;
}

void LeadershipJournal::OnLeadershipChange(const LeadershipEvent& event) {
  std::lock_guard lock(mutex_);
  events_.push_back(event);
}

std::vector<LeadershipEvent> LeadershipJournal::events() const {
  std::lock_guard lock(mutex_);
  return events_;
}

// Hands messages over as a network would: by value, and from another place.
class ReplicaGroup::Link : public Transport {
 public:
  Link(ReplicaGroup& group, uint64_t self) : group_(group), self_(self) {}
  void Send(const Message& message) override {
    if (group_.options_.on_send) group_.options_.on_send(message);
    group_.Deliver(message);
  }
  void SendFrame(ReplicaId to, absl::string_view frame) override {
    group_.DeliverFrame(ReplicaId{self_}, to, frame);
  }
  void Flush() override {}
  void SetMembers(const Configuration& members) override {
    const std::lock_guard lock(told_mutex_);
    told_.push_back(members);
  }

  std::vector<Configuration> told() const {
    const std::lock_guard lock(told_mutex_);
    return told_;
  }

 private:
  ReplicaGroup& group_;
  const uint64_t self_;
  mutable std::mutex told_mutex_;
  std::vector<Configuration> told_;  // guarded by told_mutex_
};

std::vector<Configuration> ReplicaGroup::members_told(uint64_t id) {
  return member(id).link->told();
}

ReplicaGroup::ReplicaGroup(ReplicaGroupOptions options) : options_(std::move(options)) {
  members_.resize(options_.size);
}

ReplicaGroup::~ReplicaGroup() {
  for (uint64_t id = 1; id <= members_.size(); ++id) Stop(id);
}

void ReplicaGroup::Start(uint64_t id) {
  ReplicaConfig config{.cluster = ClusterId{7},
                       .id = ReplicaId{id},
                       .seed = id,
                       .tick = absl::Milliseconds(10),
                       .election_ticks = kElectionTicks};
  const size_t voters = options_.first_voters == 0 ? options_.size : options_.first_voters;
  for (uint64_t voter = 1; voter <= voters && id <= voters; ++voter) {
    config.voters.push_back(ReplicaId{voter});
  }
  if (options_.configure) options_.configure(config);
  Member& started = member(id);
  absl::StatusOr<OpenedWal> opened = Wal::Open(started.files, memory::BufferPool::Default(),
                                               {.directory = "/log",
                                                .cluster = config.cluster,
                                                .replica = config.id,
                                                .segment_bytes = options_.segment_bytes,
                                                .reserve_bytes = options_.reserve_bytes});
  CHECK(opened.ok()) << opened.status();
  started.wal = std::move(opened->wal);
  if (options_.snapshots) {
    SnapshotStoreOptions store;
    store.cluster = config.cluster;
    store.directory = "/snapshots";
    absl::StatusOr<std::unique_ptr<SnapshotStore>> snapshots =
        SnapshotStore::Open(started.snapshot_files, store);
    CHECK(snapshots.ok()) << snapshots.status();
    started.snapshots = *std::move(snapshots);
  }
  started.state_machine = std::make_unique<JournalStateMachine>();
  started.leadership = std::make_unique<LeadershipJournal>();
  started.planner = std::make_unique<PassThroughPlanner>();
  started.link = std::make_unique<Link>(*this, id);
  absl::StatusOr<std::unique_ptr<Replica>> replica =
      Replica::Start(config,
                     {.storage = *started.wal,
                      .transport = *started.link,
                      .planner = *started.planner,
                      .state_machine = *started.state_machine,
                      .snapshots = started.snapshots.get(),
                      .leadership = started.leadership.get()},
                     std::move(opened->recovered), [id](const absl::Status& failure) {
                       LOG(ERROR) << "replica " << id << " stopped: " << failure;
                     });
  CHECK(replica.ok()) << replica.status();
  std::lock_guard lock(mutex_);
  started.replica = *std::move(replica);
}

void ReplicaGroup::Stop(uint64_t id) {
  if (member(id).replica == nullptr) return;
  member(id).replica->Stop();
  std::unique_ptr<Replica> stopped;
  {
    std::lock_guard lock(mutex_);
    stopped = std::move(member(id).replica);
  }
  stopped.reset();
  member(id).wal.reset();
  member(id).snapshots.reset();
}

void ReplicaGroup::Isolate(uint64_t id, bool isolated) {
  std::lock_guard lock(mutex_);
  member(id).isolated = isolated;
}

void ReplicaGroup::Deliver(const Message& message) {
  std::lock_guard lock(mutex_);
  if (static_cast<uint64_t>(message.to) > members_.size()) return;
  Member& from = member(static_cast<uint64_t>(message.from));
  Member& to = member(static_cast<uint64_t>(message.to));
  if (from.isolated || to.isolated || to.replica == nullptr) return;
  memory::Pooled<Message> copy = AcquireMessage();
  CHECK(copy);
  *copy = message;
  to.replica->Receive(std::move(copy));
}

void ReplicaGroup::DeliverFrame(ReplicaId from, ReplicaId to, absl::string_view frame) {
  std::lock_guard lock(mutex_);
  Member& receiver = member(static_cast<uint64_t>(to));
  if (member(static_cast<uint64_t>(from)).isolated || receiver.isolated) return;
  if (receiver.replica != nullptr) receiver.replica->ReceiveFrame(frame);
}

uint64_t ReplicaGroup::Elect() {
  for (uint64_t id = 1; id <= members_.size(); ++id) {
    if (member(id).replica == nullptr) continue;
    replica(id).Request({.kind = ReplicaRequest::Kind::kCampaign});
    break;
  }
  return AwaitLeader();
}

uint64_t ReplicaGroup::AwaitLeader() {
  uint64_t leader = 0;
  CHECK(Becomes([&] { return (leader = Leader()) != 0; })) << "no leader" << Describe();
  return leader;
}

// 0 while no majority agrees on one.
uint64_t ReplicaGroup::Leader() {
  std::map<uint64_t, size_t> votes;
  std::lock_guard lock(mutex_);
  for (const Member& member : members_) {
    if (member.replica == nullptr || member.isolated) continue;
    ++votes[static_cast<uint64_t>(member.replica->leader())];
  }
  for (const auto& [id, count] : votes) {
    if (id == 0 || count <= members_.size() / 2) continue;
    // Who follows a leader that is gone or deposed notices it later.
    const Member& chosen = member(id);
    if (chosen.replica == nullptr || chosen.isolated) continue;
    if (chosen.replica->leader() == ReplicaId{id}) return id;
  }
  return 0;
}

std::string ReplicaGroup::Describe() {
  std::string text;
  for (uint64_t id = 1; id <= members_.size(); ++id) {
    if (member(id).replica == nullptr) continue;
    const ReplicaStatus status = replica(id).Status();
    absl::StrAppend(&text, "\nreplica ", id, ": ", RoleName(status.node.role), " of term ",
                    status.node.term.value, ", follows ", static_cast<uint64_t>(status.node.leader),
                    ", log ", status.node.first_index.value, " to ", status.node.last_index.value,
                    ", stable ", status.node.stable_index.value, ", committed ",
                    status.node.commit_index.value, ", applied ", status.applied.value,
                    ", campaigns ", status.node.campaigns, ", ", status.failure.ToString());
  }
  return text;
}

void ReplicaGroup::AwaitApplied(size_t count) {
  const auto all_applied = [&] {
    for (Member& member : members_) {
      if (member.replica == nullptr) continue;
      if (member.state_machine->journal().size() < count) return false;
    }
    return true;
  };
  CHECK(Becomes(all_applied)) << "not every replica applied " << count << " requests" << Describe();
}

void ReplicaGroup::Await(const std::function<bool()>& condition, const std::string& what) {
  CHECK(Becomes(condition)) << what;
}

absl::Status ReplicaGroup::Request(uint64_t id, ReplicaRequest request) {
  std::mutex mutex;
  std::condition_variable ended;
  std::optional<absl::Status> end;
  request.done = [&](const absl::Status& status) {
    std::lock_guard lock(mutex);
    CHECK(!end.has_value()) << "a request ended twice";
    // Not a share of the caller's: Abseil counts those where the thread sanitizer does not look.
    end = absl::Status(status.code(), status.message());
    ended.notify_all();
  };
  replica(id).Request(std::move(request));
  std::unique_lock lock(mutex);
  CHECK(ended.wait_for(lock, absl::ToChronoSeconds(kPatience), [&] { return end.has_value(); }))
      << "a request was not answered";
  return *end;
}

absl::Status ReplicaGroup::Propose(uint64_t id, const std::string& request, AnswerBox& box) {
  memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
  CHECK(proposal);
  proposal->request = request;
  proposal->listener = &box;
  return replica(id).Propose(proposal);
}

}  // namespace blixard::raft
