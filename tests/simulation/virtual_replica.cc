#include "tests/simulation/virtual_replica.h"

#include <glog/logging.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/node_status.h"
#include "raft/core/raft_log.h"
#include "raft/runtime/opened_snapshot.h"
#include "raft/runtime/restore_state.h"
#include "raft/storage/wal.h"

namespace blixard::raft {
namespace {

// Limits so small that every one of them is met.
ReplicaConfig ConfigOf(const VirtualReplicaOptions& options) {
  return {.cluster = ClusterId{77},
          .id = options.id,
          .voters = options.voters,
          .seed = options.seed,
          .priority = options.priority,
          .lease = options.elections.lease,
          .max_request_bytes = 64,
          .max_batch_bytes = 128,
          .max_append_bytes = 512,
          .max_inflight_messages = 8,
          .max_inflight_bytes = 2048,
          .max_uncommitted_bytes = 256,
          .max_unapplied_bytes = 1024,
          .max_waiting_bytes = 1024,
          .snapshot_entries = 60,
          .snapshot_bytes = 4096,
          .max_retained_bytes = 1024};
}

// So small that a snapshot is many pieces, and more than fit the window.
SnapshotExchange::Options ExchangeOptions(const ReplicaConfig& config) {
  return {.cluster = config.cluster,
          .self = config.id,
          .transfer = {.chunk_bytes = 96,
                       .window_bytes = 384,
                       .bytes_per_tick = 1024,
                       .retry_ticks = 3,
                       .timeout_ticks = 30}};
}

RawNodeConfig CoreConfig(const ReplicaConfig& config, const ElectionSettings& elections,
                         uint32_t life) {
  return {.cluster = config.cluster,
          .id = config.id,
          .election_ticks = config.election_ticks,
          .heartbeat_ticks = config.heartbeat_ticks,
          .seed = config.seed,
          .incarnation = static_cast<uint64_t>(config.id) << 32 | life,
          .priority = config.priority,
          .max_entry_bytes = config.max_batch_bytes,
          .max_append_bytes = config.max_append_bytes,
          .max_inflight_messages = config.max_inflight_messages,
          .max_inflight_bytes = config.max_inflight_bytes,
          .max_uncommitted_bytes = config.max_uncommitted_bytes,
          .max_committed_bytes_per_ready = 512,
          .max_applying_bytes = config.max_unapplied_bytes,
          .max_waiting_bytes = config.max_waiting_bytes,
          .max_new_voter_lag = config.max_new_voter_lag,
          .check_quorum = elections.check_quorum,
          .lease = config.lease,
          .async_storage_writes = true};
}

WalOptions LogOptions(const ReplicaConfig& config) {
  return {.directory = std::string(kLogDirectory),
          .cluster = config.cluster,
          .replica = config.id,
          .segment_bytes = 8 * 1024,
          .reserve_bytes = 16 * 1024};
}

template <class Work>
void MoveTo(std::vector<Work>& from, std::vector<Work>& to) {
  for (Work& work : from) to.push_back(std::move(work));
  from.clear();
}

}  // namespace

VirtualReplica::VirtualReplica(const VirtualReplicaOptions& options,
                               ReplicaSurroundings& surroundings, const ReplicaWatchers& watchers)
    : options_(options),
      config_(ConfigOf(options)),
      surroundings_(surroundings),
      outlet_(*this),
      checks_(watchers.checks),
      coverage_(watchers.coverage),
      latencies_(surroundings),
      desk_(options.id, surroundings) {
  const absl::Status valid = config_.Validate();
  CHECK(valid.ok()) << valid;
}

VirtualReplica::~VirtualReplica() { End(); }

absl::Status VirtualReplica::Start() {
  CHECK(!running());
  absl::Status opened = Open();
  if (!opened.ok()) {
    storage_.reset();
    snapshots_.reset();
    disk_.EndProcess();
  }
  return opened;
}

absl::Status VirtualReplica::Open() {
  absl::StatusOr<OpenedWal> wal =
      Wal::Open(disk_, memory::BufferPool::Default(), LogOptions(config_));
  if (!wal.ok()) return wal.status();
  RecoveredLog& log = wal->recovered;
  if (log.torn_bytes > 0) coverage_.Hit(Rare::kTornTailCut);
  checks_.OnRestart(options_.id,
                    {.hard_state = log.hard_state, .base = log.base, .entries = log.entries});
  checks_.OnStateEmpty(options_.id);
  storage_ = std::make_unique<CheckedStorage>(
      std::move(wal->wal), options_.id,
      CheckedStorage::Watchers{.checks = checks_, .coverage = coverage_});
  absl::StatusOr<std::unique_ptr<SnapshotStore>> store = SnapshotStore::Open(
      disk_, {.directory = std::string(kSnapshotDirectory), .cluster = config_.cluster});
  if (!store.ok()) return store.status();
  snapshots_ = *std::move(store);
  if (!snapshots_->damage().empty()) coverage_.Hit(Rare::kSnapshotSetAside);
  NoteSnapshots();
  state_machine_ = std::make_unique<KvStateMachine>();
  absl::StatusOr<RestoredLog> restored =
      RestoreState({.storage = *storage_,
                    .log = std::move(log),
                    .snapshot = snapshots_->newest(),
                    .open_snapshot = [this](EntryId last) { return OpenData(*snapshots_, last); },
                    .bootstrap = {.voters = options_.voters}},
                   *state_machine_);
  if (!restored.ok()) return restored.status();
  ++life_;
  config_.seed = options_.seed + life_;
  absl::StatusOr<std::unique_ptr<RawNode>> node =
      RawNode::Create(CoreConfig(config_, options_.elections, life_), *std::move(restored));
  if (!node.ok()) return node.status();
  StartLoop(*std::move(node));
  return absl::OkStatus();
}

void VirtualReplica::NoteSnapshots() {
  const std::optional<SnapshotMeta> newest = snapshots_->newest();
  checks_.OnSnapshotsKept(options_.id, {.newest = newest.has_value() ? newest->last : EntryId{},
                                        .before = snapshots_->fallback().value_or(EntryId{})});
}

void VirtualReplica::StartLoop(std::unique_ptr<RawNode> node) {
  failure_ = absl::OkStatus();
  role_ = Role::kFollower;
  joint_ = node->configuration().IsJoint();
  members_ = node->configuration().Members().size();
  preparing_ = courier_wakes_ = false;
  forced_term_ = {};
  const EntryId applied = node->snapshot().last;
  if (applied.index > LogIndex{0}) {
    coverage_.Hit(Rare::kSnapshotRestored);
    checks_.OnRestored(options_.id, applied.index, state_machine_->digest());
    state_machine_->records().clear();
  }
  writer_ = std::make_unique<LogWriter>(*storage_, outlet_, latencies_);
  saver_ = std::make_unique<SnapshotSaver>(*snapshots_, pace_);
  exchange_ = std::make_unique<SnapshotExchange>(ExchangeOptions(config_), *snapshots_, outlet_);
  applier_ = std::make_unique<Applier>(*state_machine_, applied, latencies_);
  desk_.Open(*state_machine_);
  loop_ = std::make_unique<ReplicaLoop>(config_, std::move(node),
                                        ReplicaLoopParts{.transport = outlet_,
                                                         .planner = planner_,
                                                         .latencies = latencies_,
                                                         .snapshots = snapshots_.get()});
  ticks_.emplace(options_.id, std::chrono::nanoseconds(kTickTime), LocalNow());
  Round();
}

void VirtualReplica::End() {
  if (!running()) return;
  desk_.Close();
  loop_->EndAll();
  // What a stage had in hand ends with it.
  for (std::unique_ptr<ApplyWork>& work : applies_) {
    for (ApplyItem& item : work->items) {
      if (item.batch) item.batch->End(ProposalEnd::kUnknown);
    }
  }
  for (memory::Pooled<RaftProposal>& proposal : waiting_) {
    EndProposal(*proposal, ProposalEnd::kRefused);
  }
  for (const ReadRequest& read : waiting_reads_) {
    read.listener->OnReadEnd(read.token, ReadEnd::kRefused, LogIndex{0});
  }
  waiting_.clear();
  waiting_reads_.clear();
  applies_.clear();
  appends_.clear();
  orders_.clear();
  to_send_.clear();
  frames_.clear();
  batch_ = {};
  loop_.reset();
  applier_.reset();
  saver_.reset();
  exchange_.reset();
  state_machine_.reset();
  writer_.reset();
  snapshots_.reset();
  storage_.reset();
  if (desk_.open() != 0) checks_.Fail(absl::StrCat(desk_.open(), " requests were never ended"));
  disk_.EndProcess();
}

void VirtualReplica::Fail(absl::Status failure) {
  failure_ = std::move(failure);
  End();
}

TickCounter::TimePoint VirtualReplica::LocalNow() const {
  return TickCounter::TimePoint(TickCounter::Duration(surroundings_.LocalNow(options_.id)));
}

void VirtualReplica::JumpAhead(uint32_t ticks) { Round(ticks); }

void VirtualReplica::Tick() {
  if (exchange_->is_active()) {
    exchange_->Tick();
    WakeCourier();
  }
  Round();
  if (running()) WatchWindows(loop_->node());
}

void VirtualReplica::ReplaceDisk() {
  CHECK(!running());
  disk_.Replace();
  options_.voters.clear();
  config_.voters.clear();
  checks_.OnDiskReplaced(options_.id);
}

void VirtualReplica::BeginAnew() {
  ReplaceDisk();
  checks_.OnRemovedForGood(options_.id);
}

void VirtualReplica::Deliver(memory::Pooled<Message> message) {
  batch_.messages.push_back(std::move(message));
  Round();
}

void VirtualReplica::Request(const ClientRequest& request) {
  if (request.command.kind == OperationKind::kRead) {
    const RawNode& node = loop_->node();
    if (node.LeaseRead().has_value()) coverage_.Hit(Rare::kReadByLease);
    const bool new_leader =
        node.role() == Role::kLeader && node.log().TermAt(node.commit_index()) != node.term();
    if (new_leader) coverage_.Hit(Rare::kReadPostponed);
    waiting_reads_.push_back(desk_.TakeRead(request));
  } else if (storage_->space().low()) {
    coverage_.Hit(Rare::kSpaceRefusal);
    desk_.Refuse(request);
  } else if (memory::Pooled<RaftProposal> proposal = desk_.TakeProposal(request)) {
    waiting_.push_back(std::move(proposal));
  }
  Round();
}

void VirtualReplica::Request(ReplicaRequest request) {
  batch_.requests.push_back(std::move(request));
  Round();
}

void VirtualReplica::DeliverPiece(const std::string& frame) {
  frames_.push_back(frame);
  WakeCourier();
}

void VirtualReplica::WakeCourier() {
  if (std::exchange(courier_wakes_, true)) return;
  surroundings_.ScheduleCourier(options_.id);
}

void VirtualReplica::FillBatch() {
  const Inbox::Wants wants = loop_->wants();
  if (wants.proposals) batch_.proposals.swap(waiting_);
  if (wants.reads) batch_.reads.swap(waiting_reads_);
}

void VirtualReplica::TakeWork() {
  const bool appends_idle = appends_.empty();
  MoveTo(loop_->appends(), appends_);
  if (appends_idle && !appends_.empty()) surroundings_.ScheduleAppends(options_.id);
  const bool applies_idle = applies_.empty();
  MoveTo(loop_->applies(), applies_);
  if (applies_idle && !applies_.empty()) surroundings_.ScheduleApplies(options_.id);
  const bool orders_idle = orders_.empty();
  for (SnapshotOrder& order : loop_->snapshot_orders()) {
    const bool sends = order.kind == SnapshotOrder::Kind::kSend;
    (sends ? to_send_ : orders_).push_back(std::move(order));
  }
  loop_->snapshot_orders().clear();
  if (!to_send_.empty()) WakeCourier();
  if (orders_idle && !orders_.empty()) surroundings_.ScheduleSnapshots(options_.id);
  if (!preparing_ && storage_->WantsPrepare()) {
    preparing_ = true;
    surroundings_.SchedulePrepare(options_.id);
  }
}

void VirtualReplica::Round(uint64_t more_ticks) {
  FillBatch();
  const TickCounter::Passed passed = ticks_->CountUntil(LocalNow());
  const bool leased = passed.missed > 0 && loop_->node().LeaseRead().has_value();
  absl::Status status = loop_->Round(batch_, passed.ticks + more_ticks, passed.missed);
  if (!status.ok()) return Fail(std::move(status));
  if (leased && !loop_->node().LeaseRead().has_value()) coverage_.Hit(Rare::kLeaseEndedByStall);
  TakeWork();
  Watch();
}

// Here everything leaves the replica, from its loop and from its log.
void VirtualReplica::Outlet::Send(const Message& message) {
  if (message.type == MessageType::kVote && message.force) replica_.forced_term_ = message.term;
  replica_.surroundings_.Send(message);
}

void VirtualReplica::Outlet::SendFrame(ReplicaId to, absl::string_view frame) {
  replica_.surroundings_.SendPiece({.from = replica_.options_.id, .to = to, .frame = frame});
}

void VirtualReplica::Watch() {
  const RawNode& node = loop_->node();
  if (node.role() != role_) {
    if (role_ == Role::kLeader) {
      coverage_.Hit(Rare::kLeaderDeposed);
      if (!node.configuration().HasVoter(node.id())) coverage_.Hit(Rare::kLeaderRemoved);
    }
    role_ = node.role();
    if (role_ == Role::kLeader) {
      coverage_.Hit(Rare::kLeaderElected);
      if (node.term() == forced_term_) coverage_.Hit(Rare::kTransferDone);
    }
  }
  WatchMembers(node);
  WatchLimits(node);
  checks_.OnStep(node, node.configuration());
}

void VirtualReplica::WatchLimits(const RawNode& node) {
  const RaftLog& log = node.log();
  if (log.handed_out_index() < std::min(log.commit_index(), log.stable_index())) {
    coverage_.Hit(Rare::kApplyingFull);
  }
  if (node.role() != Role::kLeader) return;
  const bool full = node.UncommittedBytesLeft() < config_.max_batch_bytes;
  if (full && !waiting_.empty()) coverage_.Hit(Rare::kUncommittedFull);
}

// Allocates, so not after everything.
void VirtualReplica::WatchWindows(const RawNode& node) {
  if (node.role() != Role::kLeader) return;
  for (const PeerStatus& peer : node.GetStatus().peers) {
    const bool full =
        peer.paused == PauseReason::kInflightMessages || peer.paused == PauseReason::kInflightBytes;
    if (full) coverage_.Hit(Rare::kWindowFull);
  }
}

void VirtualReplica::WatchMembers(const RawNode& node) {
  const Configuration& now = node.configuration();
  if (now.IsJoint() != joint_) {
    joint_ = now.IsJoint();
    coverage_.Hit(joint_ ? Rare::kJointEntered : Rare::kJointLeft);
  }
  const size_t members = now.voters.size() + now.learners.size();
  if (members == members_) return;
  coverage_.Hit(members > members_ ? Rare::kMemberAdded : Rare::kMemberRemoved);
  members_ = members;
}

void VirtualReplica::CarryOutAppends() {
  if (writer_->Write(appends_) == LogWriter::Outcome::kDiskFull) {
    coverage_.Hit(Rare::kDiskFullWait);
    return surroundings_.ScheduleAppends(options_.id);
  }
  batch_.appended.swap(appends_);
  Round();
}

void VirtualReplica::CarryOutApplies() {
  for (std::unique_ptr<ApplyWork>& work : applies_) {
    applier_->Run(*work);
    if (work->status.ok()) ReportApplied(*work);
    state_machine_->records().clear();
  }
  batch_.applied.swap(applies_);
  Round();
}

void VirtualReplica::CarryOutPrepare() {
  preparing_ = storage_->PrepareStep();
  if (preparing_) surroundings_.SchedulePrepare(options_.id);
}

void VirtualReplica::CarryOutSnapshots() {
  for (SnapshotOrder& order : orders_) {
    const bool writes = order.kind == SnapshotOrder::Kind::kWrite;
    batch_.snapshot_events.push_back(saver_->CarryOut(order));
    if (writes && batch_.snapshot_events.back().status.ok()) coverage_.Hit(Rare::kSnapshotWritten);
  }
  orders_.clear();
  if (absl::Status status = snapshots_->status(); !status.ok()) return Fail(std::move(status));
  NoteSnapshots();
  Round();
}

// As the runtime's courier does.
void VirtualReplica::CarryOutCourier() {
  courier_wakes_ = false;
  SnapshotEvents events;
  for (SnapshotOrder& order : std::exchange(to_send_, {})) {
    coverage_.Hit(Rare::kSnapshotSent);
    exchange_->Send(order, events);
  }
  for (const std::string& frame : std::exchange(frames_, {})) exchange_->TakeIn(frame);
  exchange_->Work(events);
  if (absl::Status status = snapshots_->status(); !status.ok()) return Fail(std::move(status));
  NoteSnapshots();
  if (events.empty()) return;
  for (SnapshotEvent& event : events) {
    if (event.status.ok()) coverage_.Hit(Rare::kSnapshotDelivered);
    batch_.snapshot_events.push_back(std::move(event));
  }
  Round();
}

void VirtualReplica::ReportApplied(const ApplyWork& work) {
  auto record = state_machine_->records().begin();
  if (work.restore.has_value() && work.restore->last.index > LogIndex{0}) {  // else it has no data
    checks_.OnRestored(options_.id, work.restore->last.index, record->digest);
    ++record;
  }
  for (const ApplyItem& item : work.items) {
    SafetyChecks::Applied applied{.id = item.entry.id(),
                                  .payload_crc32c = item.entry.payload_crc32c,
                                  .has_state = item.entry.type == EntryType::kCommand};
    if (applied.has_state) {
      CHECK(record->id == applied.id);
      applied.digest = record->digest;
      applied.fresh = record->fresh;
      ++record;
    }
    checks_.OnApplied(options_.id, applied);
  }
}

}  // namespace blixard::raft
