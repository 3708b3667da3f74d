#include "raft/runtime/group_hub.h"

#include <glog/logging.h>

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "raft/core/configuration.h"
#include "raft/runtime/heartbeat_bundle.h"
#include "raft/runtime/replica.h"
#include "raft/storage/snapshot_transfer_codec.h"

namespace blixard::raft {
namespace {

using Clock = std::chrono::steady_clock;

void CountOne(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

// Everybody who belongs to one of the groups, at the address that the first of them to know has.
Configuration Everybody(const std::map<ClusterId, Configuration>& groups) {
  std::set<ReplicaId> ids;
  std::map<ReplicaId, std::string> addresses;
  for (const auto& [group, configuration] : groups) {
    for (const ReplicaId id : configuration.Members()) ids.insert(id);
    for (const MemberAddress& one : configuration.addresses) addresses.emplace(one.id, one.address);
  }
  Configuration everybody{.voters = {ids.begin(), ids.end()}};
  for (const auto& [id, address] : addresses) {
    everybody.addresses.push_back({.id = id, .address = address});
  }
  return everybody;
}

}  // namespace

absl::Status GroupHubOptions::Validate() const {
  if (self == kNoReplica) return absl::InvalidArgumentError("self: want > 0, got 0");
  if (gather < absl::ZeroDuration() || gather > absl::Seconds(1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("gather: want 0 to 1s, got ", absl::FormatDuration(gather)));
  }
  constexpr size_t kLeast = kHeartbeatBundleHeaderBytes + kHeartbeatRecordBytes;
  constexpr size_t kMost = size_t{1} << 20;
  if (max_bundle_bytes < kLeast || max_bundle_bytes > kMost) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_bundle_bytes: want ", kLeast, " to ", kMost, ", got ", max_bundle_bytes));
  }
  return absl::OkStatus();
}

// One group's side of the hub.
class GroupHub::Group final : public Transport {
 public:
  Group(GroupHub& hub, ClusterId id) : hub_(hub), id_(id) {}

  void Send(const Message& message) override { hub_.Send(message); }
  void Flush() override { hub_.wire_.Flush(); }
  void SendFrame(ReplicaId to, absl::string_view frame) override {
    hub_.wire_.SendFrame(to, frame);
  }
  void SetMembers(const Configuration& members) override { hub_.SetMembers(id_, members); }
  TransportCounters counters() const override { return hub_.wire_.counters(); }

  MessageReceiver* replica = nullptr;  // guarded by hub_.groups_mutex_

 private:
  GroupHub& hub_;
  const ClusterId id_;
};

absl::StatusOr<std::unique_ptr<GroupHub>> GroupHub::Create(const GroupHubOptions& options,
                                                           Transport& wire) {
  if (absl::Status valid = options.Validate(); !valid.ok()) return valid;
  return std::unique_ptr<GroupHub>(new GroupHub(options, wire));
}

GroupHub::GroupHub(const GroupHubOptions& options, Transport& wire)
    : options_(options),
      wire_(wire),
      gatherer_({.self = options.self,
                 .window = absl::ToChronoNanoseconds(options.gather),
                 .max_bundle_bytes = options.max_bundle_bytes},
                wire),
      thread_([this] { Run(); }) {}

GroupHub::~GroupHub() { Stop(); }

void GroupHub::Stop() {
  {
    const std::lock_guard lock(gather_mutex_);
    stop_ = true;
    window_opened_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

Transport& GroupHub::Join(ClusterId group) {
  const std::lock_guard lock(groups_mutex_);
  const auto [joined, is_new] = groups_.try_emplace(group);
  CHECK(is_new) << "group " << group << " has joined already";
  joined->second = std::make_unique<Group>(*this, group);
  return *joined->second;
}

void GroupHub::Serve(ClusterId group, MessageReceiver& replica) {
  const std::lock_guard lock(groups_mutex_);
  const auto joined = groups_.find(group);
  CHECK(joined != groups_.end()) << "group " << group << " has not joined";
  joined->second->replica = &replica;
}

void GroupHub::Leave(ClusterId group) {
  {
    const std::lock_guard lock(groups_mutex_);
    groups_.erase(group);
  }
  const std::lock_guard lock(members_mutex_);
  if (members_.erase(group) > 0) TellWire();
}

void GroupHub::SetMembers(ClusterId group, const Configuration& members) {
  const std::lock_guard lock(members_mutex_);
  members_[group] = members;
  TellWire();
}

void GroupHub::TellWire() {
  Configuration everybody = Everybody(members_);
  if (everybody.voters.size() > kMaxPeers) {
    LOG_EVERY_N(ERROR, 100) << "members of all groups: want " << kMaxPeers << " at most, got "
                            << everybody.voters.size() << ": nothing is sent to those from replica "
                            << everybody.voters[kMaxPeers] << " on";
    everybody.voters.resize(kMaxPeers);
  }
  wire_.SetMembers(everybody);
}

void GroupHub::Send(const Message& message) {
  if (options_.gather > absl::ZeroDuration()) {
    const std::lock_guard lock(gather_mutex_);
    const bool open = gatherer_.due().has_value();
    if (gatherer_.Add(message, Clock::now())) {
      if (!open) window_opened_.notify_one();
      return;
    }
  }
  CountOne(messages_sent_);
  wire_.Send(message);
}

void GroupHub::FlushHeartbeats() {
  const std::lock_guard lock(gather_mutex_);
  gatherer_.Flush();
}

void GroupHub::Run() {
  std::unique_lock lock(gather_mutex_);
  while (!stop_) {
    const std::optional<Clock::time_point> due = gatherer_.due();
    if (!due.has_value()) {
      window_opened_.wait(lock);
    } else if (Clock::now() < *due) {
      window_opened_.wait_until(lock, *due);
    } else {
      gatherer_.Flush();
    }
  }
}

GroupHubCounters GroupHub::counters() const {
  GroupHubCounters counters{.messages_sent = messages_sent_.load(),
                            .bundles_received = bundles_received_.load(),
                            .damaged_frames = damaged_frames_.load(),
                            .misaddressed = misaddressed_.load(),
                            .unknown_group = unknown_group_.load(),
                            .no_memory = no_memory_.load()};
  const std::lock_guard lock(gather_mutex_);
  counters.gathered = gatherer_.counters();
  return counters;
}

absl::Status GroupHub::CheckAddress(const Message& message) const {
  if (message.to == options_.self) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "message: want replica ", static_cast<uint64_t>(options_.self), ", got replica ",
      static_cast<uint64_t>(message.to), " of cluster ", static_cast<uint64_t>(message.cluster)));
}

void GroupHub::Receive(memory::Pooled<Message> message) {
  const std::lock_guard lock(groups_mutex_);
  const auto group = groups_.find(message->cluster);
  if (group == groups_.end() || group->second->replica == nullptr) return CountOne(unknown_group_);
  group->second->replica->Receive(std::move(message));
}

void GroupHub::ReceiveFrame(absl::string_view frame) {
  if (IsHeartbeatBundle(frame)) return ReceiveBundle(frame);
  ReceivePiece(frame);
}

void GroupHub::ReceiveBundle(absl::string_view bundle) {
  absl::StatusOr<HeartbeatBundleReader> reader = HeartbeatBundleReader::Open(bundle);
  if (!reader.ok()) {
    LOG_EVERY_N(WARNING, 100) << "heartbeats of a peer are dropped: " << reader.status();
    return CountOne(damaged_frames_);
  }
  if (reader->to() != options_.self) return CountOne(misaddressed_);
  CountOne(bundles_received_);
  while (reader->records_left() > 0) {
    memory::Pooled<Message> message = AcquireMessage();
    if (!message) return ReportDropped();  // overload: to Raft these are lost messages
    reader->Next(*message);
    Receive(std::move(message));
  }
}

void GroupHub::ReceivePiece(absl::string_view frame) {
  const std::optional<ClusterId> cluster = ClusterOfSnapshotFrame(frame);
  if (!cluster.has_value()) return CountOne(damaged_frames_);
  const std::lock_guard lock(groups_mutex_);
  const auto group = groups_.find(*cluster);
  if (group == groups_.end() || group->second->replica == nullptr) return CountOne(unknown_group_);
  group->second->replica->ReceiveFrame(frame);
}

void GroupHub::ReportDropped() { CountOne(no_memory_); }

void GroupHub::ReportUnreachable(ReplicaId peer) {
  const std::lock_guard lock(groups_mutex_);
  for (const auto& [id, group] : groups_) {
    if (group->replica != nullptr) group->replica->ReportUnreachable(peer);
  }
}

}  // namespace blixard::raft
