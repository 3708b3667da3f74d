#include "tests/simulation/virtual_replica.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/snapshot_meta.h"
#include "raft/storage/wal.h"

namespace blixard::raft {
namespace {

// Limits so small that every one of them is met.
ReplicaConfig ConfigOf(const VirtualReplicaOptions& options) {
  return {.cluster = ClusterId{77},
          .id = options.id,
          .voters = options.voters,
          .seed = options.seed,
          .max_request_bytes = 64,
          .max_batch_bytes = 128,
          .max_append_bytes = 512,
          .max_inflight_messages = 8,
          .max_inflight_bytes = 2048,
          .max_uncommitted_bytes = 4096,
          .max_unapplied_bytes = 1024};
}

RawNodeConfig CoreConfig(const ReplicaConfig& config) {
  return {.cluster = config.cluster,
          .id = config.id,
          .election_ticks = config.election_ticks,
          .heartbeat_ticks = config.heartbeat_ticks,
          .seed = config.seed,
          .max_append_bytes = config.max_append_bytes,
          .max_inflight_messages = config.max_inflight_messages,
          .max_inflight_bytes = config.max_inflight_bytes,
          .max_uncommitted_bytes = config.max_uncommitted_bytes,
          .max_committed_bytes_per_ready = 1024,
          .async_storage_writes = true};
}

WalOptions LogOptions(const ReplicaConfig& config) {
  return {.directory = "/wal",
          .cluster = config.cluster,
          .replica = config.id,
          .segment_bytes = 8 * 1024,
          .reserve_bytes = 16 * 1024};
}

}  // namespace

VirtualReplica::VirtualReplica(const VirtualReplicaOptions& options,
                               ReplicaSurroundings& surroundings, const ReplicaWatchers& watchers)
    : options_(options),
      config_(ConfigOf(options)),
      surroundings_(surroundings),
      checks_(watchers.checks),
      coverage_(watchers.coverage),
      desk_(options.id, surroundings),
      latencies_(surroundings) {
  configuration_.voters = options.voters;
  const absl::Status valid = config_.Validate();
  CHECK(valid.ok()) << valid;
}

VirtualReplica::~VirtualReplica() { End(); }

absl::Status VirtualReplica::Start() {
  CHECK(!running());
  absl::StatusOr<OpenedWal> opened =
      Wal::Open(disk_, memory::BufferPool::Default(), LogOptions(config_));
  if (!opened.ok()) return opened.status();
  RecoveredLog& recovered = opened->recovered;
  if (recovered.torn_bytes > 0) coverage_.Hit(Rare::kTornTailCut);
  checks_.OnRestart(options_.id,
                    {.hard_state = recovered.hard_state, .base = {}, .entries = recovered.entries});
  checks_.OnStateEmpty(options_.id);
  ++life_;
  config_.seed = options_.seed + life_;
  SnapshotMeta first;
  first.configuration.voters = config_.voters;
  std::sort(first.configuration.voters.begin(), first.configuration.voters.end());
  absl::StatusOr<std::unique_ptr<RawNode>> node =
      RawNode::Create(CoreConfig(config_), {.hard_state = recovered.hard_state,
                                            .snapshot = std::move(first),
                                            .entries = std::move(recovered.entries),
                                            .applied = {}});
  CHECK(node.ok()) << node.status();
  failure_ = absl::OkStatus();
  role_ = Role::kFollower;
  preparing_ = false;
  storage_ = std::make_unique<CheckedStorage>(
      std::move(opened->wal), options_.id,
      CheckedStorage::Watchers{.checks = checks_, .coverage = coverage_});
  writer_ = std::make_unique<LogWriter>(*storage_, surroundings_, latencies_);
  state_machine_ = std::make_unique<KvStateMachine>();
  applier_ = std::make_unique<Applier>(*state_machine_, EntryId{}, nullptr, latencies_);
  loop_ = std::make_unique<ReplicaLoop>(
      config_, *std::move(node),
      ReplicaLoopParts{.transport = surroundings_, .planner = planner_, .latencies = latencies_});
  Round(0);
  return absl::OkStatus();
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
  waiting_.clear();
  applies_.clear();
  appends_.clear();
  batch_ = {};
  loop_.reset();
  applier_.reset();
  state_machine_.reset();
  writer_.reset();
  storage_.reset();
  if (desk_.open() != 0) checks_.Fail(absl::StrCat(desk_.open(), " proposals were never ended"));
  disk_.EndProcess();
}

void VirtualReplica::Tick(uint32_t ticks) { Round(ticks); }

void VirtualReplica::Deliver(memory::Pooled<Message> message) {
  batch_.messages.push_back(std::move(message));
  Round(0);
}

void VirtualReplica::Request(const ClientRequest& request) {
  if (memory::Pooled<RaftProposal> proposal = desk_.Take(request)) {
    waiting_.push_back(std::move(proposal));
    Round(0);
  }
}

void VirtualReplica::Campaign() {
  batch_.requests.push_back({.kind = ReplicaRequest::Kind::kCampaign, .done = nullptr});
  Round(0);
}

void VirtualReplica::Round(uint64_t ticks) {
  if (loop_->wants().proposals) batch_.proposals.swap(waiting_);
  if (absl::Status status = loop_->Round(batch_, ticks); !status.ok()) {
    failure_ = status;
    return End();
  }
  const bool appends_idle = appends_.empty();
  for (std::unique_ptr<AppendWork>& work : loop_->appends()) appends_.push_back(std::move(work));
  loop_->appends().clear();
  if (appends_idle && !appends_.empty()) surroundings_.ScheduleAppends(options_.id);
  const bool applies_idle = applies_.empty();
  for (std::unique_ptr<ApplyWork>& work : loop_->applies()) applies_.push_back(std::move(work));
  loop_->applies().clear();
  if (applies_idle && !applies_.empty()) surroundings_.ScheduleApplies(options_.id);
  if (!preparing_ && storage_->WantsPrepare()) {
    preparing_ = true;
    surroundings_.SchedulePrepare(options_.id);
  }
  Watch();
}

void VirtualReplica::CarryOutPrepare() {
  preparing_ = storage_->PrepareStep();
  if (preparing_) surroundings_.SchedulePrepare(options_.id);
}

void VirtualReplica::Watch() {
  const RawNode& node = loop_->node();
  if (node.role() != role_) {
    if (role_ == Role::kLeader) coverage_.Hit(Rare::kLeaderDeposed);
    role_ = node.role();
    if (role_ == Role::kLeader) coverage_.Hit(Rare::kLeaderElected);
  }
  checks_.OnStep(node, configuration_);
}

void VirtualReplica::CarryOutAppends() {
  if (writer_->Write(appends_) == LogWriter::Outcome::kDiskFull) {
    coverage_.Hit(Rare::kDiskFullWait);
    return surroundings_.ScheduleAppends(options_.id);
  }
  batch_.appended.swap(appends_);
  Round(0);
}

void VirtualReplica::CarryOutApplies() {
  for (std::unique_ptr<ApplyWork>& work : applies_) {
    state_machine_->records().clear();
    applier_->Run(*work);
    ReportApplied(*work);
  }
  batch_.applied.swap(applies_);
  Round(0);
}

void VirtualReplica::ReportApplied(const ApplyWork& work) {
  auto record = state_machine_->records().begin();
  for (const ApplyItem& item : work.items) {
    SafetyChecks::Applied applied{.id = item.entry.id(),
                                  .payload_crc32c = item.entry.payload_crc32c,
                                  .has_state = item.entry.type == EntryType::kCommand};
    if (applied.has_state) {
      CHECK(record->id == applied.id);
      applied.digest = record->digest;
      applied.fresh = record->fresh;
      if (record->repeated > 0) coverage_.Hit(Rare::kRequestRepeated);
      ++record;
    }
    checks_.OnApplied(options_.id, applied);
  }
}

}  // namespace blixard::raft
