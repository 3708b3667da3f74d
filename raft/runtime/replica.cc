#include "raft/runtime/replica.h"

#include <glog/logging.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "raft/runtime/opened_snapshot.h"
#include "raft/runtime/restore_state.h"

namespace blixard::raft {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMaxQueuedRequests = 64;

RawNodeConfig CoreConfig(const ReplicaConfig& config) {
  return {.cluster = config.cluster,
          .id = config.id,
          .election_ticks = config.election_ticks,
          .heartbeat_ticks = config.heartbeat_ticks,
          .seed = config.seed,
          .incarnation = std::random_device()() + (uint64_t{std::random_device()()} << 32),
          .priority = config.priority,
          .max_entry_bytes = config.max_batch_bytes,
          .max_append_bytes = config.max_append_bytes,
          .max_inflight_messages = config.max_inflight_messages,
          .max_inflight_bytes = config.max_inflight_bytes,
          .max_uncommitted_bytes = config.max_uncommitted_bytes,
          .max_applying_bytes = config.max_unapplied_bytes,
          .max_waiting_bytes = config.max_waiting_bytes,
          .max_new_voter_lag = config.max_new_voter_lag,
          .lease = config.lease,
          .announce_commits = false,
          .async_storage_writes = true};
}

Configuration Bootstrap(const ReplicaConfig& config) {
  Configuration configuration{.voters = config.voters};
  std::sort(configuration.voters.begin(), configuration.voters.end());
  return configuration;
}

Inbox::Bounds BoundsOf(const ReplicaConfig& config) {
  return {.proposals = config.max_queued_proposals,
          .reads = config.max_queued_reads,
          .messages = config.max_queued_messages,
          .requests = kMaxQueuedRequests};
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
  if (config.max_batch_bytes > parts.storage.max_payload_bytes()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "max_batch_bytes: want at most ", parts.storage.max_payload_bytes(),
        " (the largest entry that a segment of the log holds), got ", config.max_batch_bytes));
  }
  DiskState disk{
      .storage = parts.storage,
      .log = std::move(recovered),
      .snapshot = std::nullopt,
      .open_snapshot = [&parts](EntryId last) { return OpenData(*parts.snapshots, last); },
      .bootstrap = Bootstrap(config)};
  if (parts.snapshots != nullptr) disk.snapshot = parts.snapshots->newest();
  absl::StatusOr<RestoredLog> restored = RestoreState(std::move(disk), parts.state_machine);
  if (!restored.ok()) return restored.status();
  absl::StatusOr<std::unique_ptr<RawNode>> node =
      RawNode::Create(CoreConfig(config), *std::move(restored));
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
      writer_(parts.storage, parts.transport, latencies_),
      applier_(parts.state_machine, node->snapshot().last, latencies_),
      pace_(config.snapshot_bytes_per_tick),
      saver_(parts.snapshots == nullptr ? nullptr
                                        : std::make_unique<SnapshotSaver>(*parts.snapshots, pace_)),
      loop_(config, std::move(node),
            {.transport = parts.transport,
             .planner = parts.planner,
             .latencies = latencies_,
             .leadership = parts.leadership,
             .snapshots = parts.snapshots}),
      ticks_(config.id, absl::ToChronoNanoseconds(config.tick), Clock::now()),
      preparer_(parts.storage),
      storage_lane_([this](AppendWorks& works) { WriteUntilDone(works); },
                    [this](AppendWorks& works) { inbox_.PushAppended(works); }),
      apply_lane_(
          [this](ApplyWorks& works) {
            for (std::unique_ptr<ApplyWork>& work : works) applier_.Run(*work);
          },
          [this](ApplyWorks& works) { inbox_.PushApplied(works); }),
      saver_lane_(parts.snapshots == nullptr
                      ? nullptr
                      : std::make_unique<WorkLane<SnapshotOrder>>(
                            [this](SnapshotOrders& orders) { SaveSnapshots(orders); },
                            [](SnapshotOrders& orders) { orders.clear(); })),
      courier_(MakeCourier(parts)),
      thread_([this] { Run(); }) {}

Replica::~Replica() { Stop(); }

absl::Status Replica::Propose(memory::Pooled<RaftProposal>& proposal) {
  const size_t bytes = proposal->request.size();
  if (bytes == 0 || bytes > config_.max_request_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("request: want 1 to ", config_.max_request_bytes, " bytes, got ", bytes));
  }
  if (leader() != config_.id) return NotLeading();
  if (space_is_low_.load(std::memory_order_relaxed)) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return SpaceError();
  }
  proposal->queued_ns = clock_.NowNanoseconds();
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

absl::Status Replica::NotLeading() const {
  if (stopping_.load()) return absl::UnavailableError("this replica has stopped");
  return absl::FailedPreconditionError("this replica does not lead");
}

absl::Status Replica::Read(const ReadRequest& read) {
  switch (inbox_.PushRead(read)) {
    case Inbox::Push::kTaken:
      return absl::OkStatus();
    case Inbox::Push::kStopped:
      return absl::UnavailableError("this replica has stopped");
    case Inbox::Push::kFull:
      reads_refused_.fetch_add(1, std::memory_order_relaxed);
      return absl::ResourceExhaustedError(absl::StrCat("read queue: ", config_.max_queued_reads,
                                                       " reads wait already; retry later"));
  }
  LOG(FATAL) << "no such answer of the inbox";
}

void Replica::Request(ReplicaRequest request) {
  switch (inbox_.PushRequest(request)) {
    case Inbox::Push::kTaken:
      return;
    case Inbox::Push::kStopped:
      return request.End(absl::UnavailableError("this replica has stopped"));
    case Inbox::Push::kFull:
      return request.End(absl::ResourceExhaustedError(
          absl::StrCat("request queue: ", kMaxQueuedRequests, " wait already; retry later")));
  }
}

absl::Status Replica::CheckAddress(const Message& message) const {
  if (message.cluster == config_.cluster && message.to == config_.id) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "message: want cluster ", static_cast<uint64_t>(config_.cluster), " and replica ",
      static_cast<uint64_t>(config_.id), ", got cluster ", static_cast<uint64_t>(message.cluster),
      " and replica ", static_cast<uint64_t>(message.to)));
}

void Replica::Receive(memory::Pooled<Message> message) {
  // A full inbox drops it: to Raft that is a lost message, and its sender repeats it.
  if (inbox_.PushMessage(std::move(message))) return;
  dropped_queue_full_.fetch_add(1, std::memory_order_relaxed);
}

void Replica::ReceiveFrame(absl::string_view frame) {
  if (courier_ != nullptr) courier_->Receive(frame);
}

void Replica::ReportDropped() { dropped_no_memory_.fetch_add(1, std::memory_order_relaxed); }

void Replica::ReportUnreachable(ReplicaId peer) { inbox_.PushUnreachable(peer); }

ReplicaStatus Replica::Status() {
  std::unique_lock lock(status_mutex_);
  const uint64_t question = ++status_asked_;
  if (running_) inbox_.Wake();
  status_answered_.wait(lock, [&] { return status_answers_ >= question || !running_; });
  ReplicaStatus status = status_;
  status.counters.proposals_refused = refused_.load(std::memory_order_relaxed);
  status.counters.reads_refused += reads_refused_.load(std::memory_order_relaxed);
  status.counters.messages_dropped_queue_full = dropped_queue_full_.load(std::memory_order_relaxed);
  status.counters.messages_dropped_no_memory = dropped_no_memory_.load(std::memory_order_relaxed);
  return status;
}

void Replica::Stop() {
  CHECK(thread_.get_id() != std::this_thread::get_id())
      << "Stop from a thread of the replica, which it waits for; from on_failure have another do "
         "it";
  std::lock_guard lock(stop_mutex_);
  stopping_.store(true);
  inbox_.Stop();
  if (thread_.joinable()) thread_.join();
}

void Replica::Run() {
  failure_ = RunUntilStop();
  End();
  if (!failure_.ok() && on_failure_) on_failure_(failure_);
}

// Returns OK when stopped from outside.
absl::Status Replica::RunUntilStop() {
  Inbox::Batch batch;
  while (true) {
    const Clock::time_point next_tick = ticks_.next();
    inbox_.Take(next_tick, loop_.wants(), batch);
    // Also when a round of another thread failed: what came since has to be answered.
    RoundAndWork(batch);
    if (!failure_.ok()) return failure_;
    if (ticks_.next() != next_tick) {  // whoever worked it off
      LookAtSpace();
      pace_.Tick();
      if (courier_ != nullptr) courier_->Tick();
    }
    preparer_.WakeIfWanted();
    AnswerStatus();
    if (batch.stop) return absl::OkStatus();
  }
}

std::unique_ptr<SnapshotCourier> Replica::MakeCourier(const ReplicaParts& parts) {
  if (parts.snapshots == nullptr) return nullptr;
  SnapshotExchange::Options options;
  options.cluster = config_.cluster;
  options.self = config_.id;
  options.transfer.bytes_per_tick = config_.snapshot_bytes_per_tick;
  return std::make_unique<SnapshotCourier>(
      options, *parts.snapshots, parts.transport,
      [this](SnapshotEvents& events) { inbox_.PushSnapshotEvents(events); });
}

void Replica::SaveSnapshots(SnapshotOrders& orders) {
  for (SnapshotOrder& order : orders) {
    SnapshotEvents events;
    events.push_back(saver_->CarryOut(order));
    order = SnapshotOrder{};  // the view holds memory
    inbox_.PushSnapshotEvents(events);
  }
}

// While the disk is full the replica goes on without its log: it stays readable and up.
void Replica::WriteUntilDone(AppendWorks& works) {
  while (!log_is_given_up_ && writer_.Write(works) == LogWriter::Outcome::kDiskFull) {
    LOG_EVERY_N(WARNING, 100) << "the disk of the log is full; waiting for space";
    log_is_given_up_ = stopping_.load();
    if (!log_is_given_up_) absl::SleepFor(config_.tick);
  }
  // What comes after a batch that was given up would leave a hole, should there be room again.
  if (!log_is_given_up_) return;
  for (std::unique_ptr<AppendWork>& work : works) work->status = SpaceError();
}

void Replica::LookAtSpace() {
  space_is_low_.store(storage_.space_is_low(), std::memory_order_relaxed);
}

absl::Status Replica::SpaceError() const {
  const LogSpace space = storage_.space();
  return absl::ResourceExhaustedError(absl::StrCat("disk of ", space.directory, ": want ",
                                                   space.wanted_bytes, " bytes free, got ",
                                                   space.free_bytes, "; retry later"));
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
  status.storage = storage_.stats();
  status.space = storage_.space();
  status.applied = applier_.applied();
  status.counters.entries_applied = applier_.entries_applied();
  status.counters.wal_syncs = status.storage.syncs;
  status.counters.wal_bytes = status.storage.bytes;
  for (size_t stage = 0; stage < kStages; ++stage) {
    status.latencies[stage] = latencies_.Snapshot(static_cast<Stage>(stage)).Summary();
  }
  status.failure = failure_;
  return status;
}

// What the lanes have is carried out first, so that what was committed is answered as such.
void Replica::End() {
  stopping_.store(true);
  leader_.store(0, std::memory_order_release);
  inbox_.Stop();
  pace_.Stop();
  storage_lane_.Stop();
  apply_lane_.Stop();
  if (saver_lane_ != nullptr) saver_lane_->Stop();
  if (courier_ != nullptr) courier_->Stop();
  // Proposals may have come in since the last round; nothing is added after Stop.
  Inbox::Batch rest;
  inbox_.Take(Clock::now(), {}, rest);
  loop_.EndAll();
  ProposalBatch refused;
  refused.proposals.swap(rest.proposals);
  refused.End(ProposalEnd::kRefused);
  for (const ReadRequest& read : rest.reads) {
    read.listener->OnReadEnd(read.token, ReadEnd::kRefused, LogIndex{0});
  }
  for (const ReplicaRequest& request : rest.requests) {
    request.End(absl::UnavailableError("this replica has stopped"));
  }
  std::lock_guard lock(status_mutex_);
  status_ = CurrentStatus();
  running_ = false;
  status_answered_.notify_all();
}

}  // namespace blixard::raft
