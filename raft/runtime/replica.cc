#include "raft/runtime/replica.h"

#include <glog/logging.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "raft/core/snapshot_meta.h"

namespace blixard::raft {
namespace {

using Clock = std::chrono::steady_clock;

// After a long stall (a slow disk, a suspended process) the missed ticks are not made up for: they
// would only look like a silent leader.
constexpr uint64_t kMaxTicksPerRound = 2;

// One entry up to this size is applied by the replica's own thread when nothing else waits.
constexpr size_t kAloneBytes = 512;

// Reads, and requests of operators, that may wait.
constexpr size_t kMaxQueuedRequests = 64;

// What a thread of a transport may be kept with.
constexpr int kMaxLentRounds = 4;
constexpr size_t kMaxLentBytes = 4096;  // of a message's payloads

RawNodeConfig CoreConfig(const ReplicaConfig& config) {
  return {.cluster = config.cluster,
          .id = config.id,
          .election_ticks = config.election_ticks,
          .heartbeat_ticks = config.heartbeat_ticks,
          .seed = config.seed,
          .max_append_bytes = config.max_append_bytes,
          .max_inflight_messages = config.max_inflight_messages,
          .max_inflight_bytes = config.max_inflight_bytes,
          .max_uncommitted_bytes = config.max_uncommitted_bytes};
}

// Every member starts a new group with the same configuration; later ones are in the log.
SnapshotMeta FirstConfiguration(const ReplicaConfig& config) {
  SnapshotMeta first;
  first.configuration.voters = config.voters;
  std::sort(first.configuration.voters.begin(), first.configuration.voters.end());
  return first;
}

Inbox::Bounds BoundsOf(const ReplicaConfig& config) {
  return {.proposals = config.max_queued_proposals,
          .reads = config.max_queued_reads,
          .messages = config.max_queued_messages,
          .requests = kMaxQueuedRequests};
}

bool IsSmall(const ApplyWorks& works) {
  return works.size() == 1 && works.front()->items.size() <= 1 &&
         works.front()->payload_bytes <= kAloneBytes;
}

}  // namespace

memory::Pooled<Message> AcquireMessage() {
  // Never destroyed, like the pool of proposals.
  static auto& pool = *new memory::ObjectPool<Message>(kMessageBudget.pool,
                                                       kMessageBudget.Configure({.min_size = 256}));
  return pool.Acquire();
}

uint64_t Replica::MonotonicClock::NowNanoseconds() {
  return static_cast<uint64_t>(Clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}

absl::StatusOr<std::unique_ptr<Replica>> Replica::Start(
    const ReplicaConfig& config, const ReplicaParts& parts, RecoveredLog recovered,
    std::function<void(const absl::Status&)> on_failure) {
  if (absl::Status valid = config.Validate(); !valid.ok()) return valid;
  absl::StatusOr<std::unique_ptr<RawNode>> node =
      RawNode::Create(CoreConfig(config), {.hard_state = recovered.hard_state,
                                           .snapshot = FirstConfiguration(config),
                                           .entries = std::move(recovered.entries),
                                           .applied = {}});
  if (!node.ok()) return node.status();
  return std::unique_ptr<Replica>(
      new Replica(config, parts, *std::move(node), std::move(on_failure)));
}

Replica::Replica(const ReplicaConfig& config, const ReplicaParts& parts,
                 std::unique_ptr<RawNode> node, std::function<void(const absl::Status&)> on_failure)
    : config_(config),
      on_failure_(std::move(on_failure)),
      storage_(parts.storage),
      inbox_(BoundsOf(config)),
      writer_(parts.storage, parts.transport),
      applier_(parts.state_machine, LogIndex{0}),
      loop_(config, std::move(node),
            {.transport = parts.transport,
             .planner = parts.planner,
             .clock = clock_,
             .leadership = parts.leadership}),
      storage_lane_([this](AppendWorks& works) { writer_.Write(works); },
                    [this](AppendWorks& works) { inbox_.PushAppended(works); }),
      apply_lane_(
          [this](ApplyWorks& works) {
            for (std::unique_ptr<ApplyWork>& work : works) applier_.Run(*work);
          },
          [this](ApplyWorks& works) { inbox_.PushApplied(works); }),
      thread_([this] { Run(); }) {}

Replica::~Replica() { Stop(); }

absl::Status Replica::Propose(memory::Pooled<RaftProposal>& proposal) {
  const size_t bytes = proposal->request.size();
  if (bytes == 0 || bytes > config_.max_request_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("request: want 1 to ", config_.max_request_bytes, " bytes, got ", bytes));
  }
  if (leader() != config_.id) return absl::FailedPreconditionError("this replica does not lead");
  switch (inbox_.PushProposal(proposal)) {
    case Inbox::Push::kTaken:
      return absl::OkStatus();
    case Inbox::Push::kStopped:
      return absl::UnavailableError("this replica has stopped");
    case Inbox::Push::kFull:
      refused_.fetch_add(1, std::memory_order_relaxed);
      return absl::ResourceExhaustedError(
          absl::StrCat("proposal queue: ", config_.max_queued_proposals,
                       " proposals wait already; retry later"));
  }
  LOG(FATAL) << "no such answer of the inbox";
}

void Replica::Receive(memory::Pooled<Message> message) {
  // A full inbox drops it: to Raft that is a lost message, and its sender repeats it.
  inbox_.PushMessage(std::move(message));
}

void Replica::Deliver(memory::Pooled<Message> message) {
  size_t bytes = 0;
  for (const Entry& entry : message->entries) bytes += entry.payload.size();
  if (bytes > kMaxLentBytes) return Receive(std::move(message));
  inbox_.PushMessageQuietly(std::move(message));
}

void Replica::CarryOut() {
  if (!inbox_.TryTake(lent_batch_)) return;
  int rounds = 0;
  do {
    lent_failure_ = RoundAndWork(lent_batch_, 0);
    AnswerStatus();
    if (!lent_failure_.ok()) inbox_.Wake();
  } while (
      inbox_.TakeMore(loop_.wants(), lent_failure_.ok() && ++rounds < kMaxLentRounds, lent_batch_));
}

void Replica::ReportUnreachable(ReplicaId peer) { inbox_.PushUnreachable(peer); }

ReplicaStatus Replica::Status() {
  std::unique_lock lock(status_mutex_);
  const uint64_t question = ++status_asked_;
  if (running_) inbox_.Wake();
  status_answered_.wait(lock, [&] { return status_answers_ >= question || !running_; });
  ReplicaStatus status = status_;
  status.counters.proposals_refused = refused_.load(std::memory_order_relaxed);
  return status;
}

void Replica::Stop() {
  std::lock_guard lock(stop_mutex_);
  inbox_.Stop();
  if (thread_.joinable()) thread_.join();
}

void Replica::Run() {
  const absl::Status failure = RunUntilStop();
  End(failure);
  if (!failure.ok() && on_failure_) on_failure_(failure);
}

// Returns OK when stopped from outside.
absl::Status Replica::RunUntilStop() {
  const auto tick = absl::ToChronoNanoseconds(config_.tick);
  Clock::time_point next_tick = Clock::now() + tick;
  Inbox::Batch batch;
  while (true) {
    inbox_.Take(next_tick, loop_.wants(), batch);
    if (!lent_failure_.ok()) return lent_failure_;
    uint64_t ticks = 0;
    for (const Clock::time_point now = Clock::now(); next_tick <= now; ++ticks) {
      next_tick = ticks < kMaxTicksPerRound ? next_tick + tick : now + tick;
    }
    if (absl::Status failed = RoundAndWork(batch, std::min(ticks, kMaxTicksPerRound));
        !failed.ok()) {
      return failed;
    }
    AnswerStatus();
    if (batch.stop) return absl::OkStatus();
  }
}

absl::Status Replica::RoundAndWork(Inbox::Batch& batch, uint64_t ticks) {
  absl::Status status = loop_.Round(batch, ticks);
  while (status.ok() && WorkHere(batch)) status = loop_.Round(batch, 0);
  leader_.store(static_cast<uint64_t>(loop_.node().leader()), std::memory_order_release);
  return status;
}

// Carries out what the loop gave out, or has it carried out. True when `batch` holds completions.
bool Replica::WorkHere(Inbox::Batch& batch) {
  AppendWorks& appends = loop_.appends();
  if (!appends.empty()) {
    if (!inbox_.busy() && storage_lane_.TryRunHere(appends)) {
      batch.appended.swap(appends);
    } else {
      storage_lane_.Submit(appends);
    }
  }
  ApplyWorks& applies = loop_.applies();
  if (!applies.empty()) {
    if (IsSmall(applies) && apply_lane_.TryRunHere(applies)) {
      batch.applied.swap(applies);
    } else {
      apply_lane_.Submit(applies);
    }
  }
  return !batch.appended.empty() || !batch.applied.empty();
}

void Replica::AnswerStatus() {
  std::lock_guard lock(status_mutex_);
  if (status_answers_ == status_asked_) return;
  status_ = CurrentStatus();
  status_answers_ = status_asked_;
  status_answered_.notify_all();
}

ReplicaStatus Replica::CurrentStatus() const {
  ReplicaStatus status = loop_.Status();
  const LogStorageStats storage = storage_.stats();
  status.applied = applier_.applied();
  status.counters.entries_applied = applier_.entries_applied();
  status.counters.wal_syncs = storage.syncs;
  status.counters.wal_bytes = storage.bytes;
  return status;
}

// What the lanes have is carried out first, so that what was committed is answered as such.
void Replica::End(const absl::Status& failure) {
  leader_.store(0, std::memory_order_release);
  inbox_.Stop();
  storage_lane_.Stop();
  apply_lane_.Stop();
  // Proposals may have come in since the last round; nothing is added after Stop.
  Inbox::Batch rest;
  inbox_.Take(Clock::now(), {}, rest);
  loop_.EndAll();
  ProposalBatch refused;
  refused.proposals.swap(rest.proposals);
  refused.End(ProposalEnd::kRefused);
  for (const PendingRead& read : rest.reads) {
    read.listener->OnReadEnd(read.token, ReadEnd::kRefused, LogIndex{0});
  }
  for (const ReplicaRequest& request : rest.requests) {
    request.End(absl::UnavailableError("this replica has stopped"));
  }
  std::lock_guard lock(status_mutex_);
  status_ = CurrentStatus();
  status_.failure = failure;
  running_ = false;
  status_answered_.notify_all();
}

}  // namespace blixard::raft
