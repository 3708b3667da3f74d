#include "scheduler/replicated/state_snapshot.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "scheduler/core/inventory.h"
#include "scheduler/core/names.h"
#include "scheduler/core/resources.h"
#include "scheduler/core/shortage.h"
#include "scheduler/core/slot_set.h"
#include "scheduler/replicated/byte_cursor.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/resources_codec.h"
#include "scheduler/replicated/snapshot_buffering.h"

namespace blixard::scheduler {
namespace {

constexpr absl::string_view kMagic = "BXSTATE";
constexpr size_t kHeaderBytes = 7 + 1 + 12 * 8;
constexpr size_t kNodeBytes = 4 + 8 + kResourcesBytes + 1;  // without the name
constexpr size_t kVmBytes = 4 + 8 + 4 + kResourcesBytes + 1;
constexpr size_t kRequestBytes = 8 + 8 + kOutcomeBytes;
constexpr size_t kDigestBytes = 16;
constexpr size_t kCheckpointBytes = 8 + kDigestBytes;

struct Header {
  StateOptions options;
  raft::LogIndex applied{};
  ClusterCounters counters;
  uint64_t nodes = 0;
  uint64_t vms = 0;
  uint64_t requests = 0;
  uint64_t checkpoints = 0;
};

// Writes one piece after the other; the first error stays.
class StateWriter {
 public:
  StateWriter(const StateImage& image, raft::SnapshotSink& sink) : image_(image), out_(sink) {}

  absl::Status Write() {
    WriteHeader();
    WriteNodes();
    WriteVms();
    WriteRequests();
    image_.checkpoints.ForEach([this](const Checkpoint& checkpoint) {
      Put([&](ByteWriter& out) {
        out.Put(checkpoint.index.value);
        PutDigest(checkpoint.digest, out);
      });
    });
    Put([this](ByteWriter& out) { PutDigest(image_.cluster.digest, out); });
    return status_.ok() ? out_.Finish() : status_;
  }

 private:
  template <class Fill>
  void Put(Fill&& fill) {
    if (!status_.ok()) return;
    std::array<char, 128> bytes;
    ByteWriter writer(absl::MakeSpan(bytes));
    fill(writer);
    status_ = out_.Append(writer.written());
  }

  static void PutDigest(const StateDigest& digest, ByteWriter& out) {
    out.Put(digest.high);
    out.Put(digest.low);
  }

  void WriteHeader() {
    const ClusterImage& cluster = image_.cluster;
    Put([&](ByteWriter& out) {
      for (const char byte : kMagic) out.Put(static_cast<uint8_t>(byte));
      out.Put(kStateSnapshotVersion);
      out.Put(uint64_t{cluster.limits.max_nodes});
      out.Put(uint64_t{cluster.limits.max_vms});
      out.Put(uint64_t{cluster.limits.remembered_requests});
      out.Put(image_.checkpoints.interval());
      out.Put(image_.applied.value);
      out.Put(static_cast<uint64_t>(cluster.counters.next_vm_id));
      out.Put(static_cast<uint64_t>(cluster.counters.last_registration));
      out.Put(cluster.counters.first_request);
      out.Put(uint64_t{cluster.node_rows.size()});
      out.Put(uint64_t{cluster.vms.slots.size()});
      out.Put(uint64_t{cluster.requests.size});
      out.Put(uint64_t{image_.checkpoints.kept()});
    });
  }

  void WriteNodes() {
    const SlotSet& rows = image_.cluster.node_rows;
    for (uint32_t row = rows.NextTaken(0); row != SlotSet::kMaxSlots && status_.ok();
         row = rows.NextTaken(row + 1)) {
      WriteNode(image_.cluster.nodes[row]);
    }
  }

  void WriteNode(const ClusterImage::Node& node) {
    Put([&](ByteWriter& out) {
      out.Put(static_cast<uint32_t>(node.id));
      out.Put(static_cast<uint64_t>(node.registration));
      PutResources(node.capacity, out);
      out.PutText(node.name.view());
    });
  }

  void WriteVms() {
    const VmTableImage& table = image_.cluster.vms;
    for (uint32_t slot = table.slots.NextTaken(0); slot != VmTable::kNoSlot && status_.ok();
         slot = table.slots.NextTaken(slot + 1)) {
      const Vm& vm = table.vms[slot];
      Put([&](ByteWriter& out) {
        out.Put(slot);
        out.Put(static_cast<uint64_t>(vm.placement.id));
        out.Put(static_cast<uint32_t>(vm.placement.node));
        PutResources(vm.placement.resources, out);
        out.PutText(vm.name.view());
      });
    }
  }

  void WriteRequests() {
    const RequestTableImage& table = image_.cluster.requests;
    for (uint64_t at = table.first_position(); at != table.next_position && status_.ok(); ++at) {
      const RecordedRequest& request = table.at(at);
      Put([&](ByteWriter& out) {
        out.Put(request.id.client_id);
        out.Put(request.id.sequence);
        for (const char byte : EncodeOutcome(request.outcome)) out.Put(static_cast<uint8_t>(byte));
      });
    }
  }

  const StateImage& image_;
  BufferedSink out_;
  absl::Status status_;
};

absl::Status Bad(absl::string_view field, absl::string_view want, uint64_t got) {
  return absl::DataLossError(
      absl::StrCat("state snapshot: ", field, ": want ", want, ", got ", got));
}

// An option of the snapshot against this replica's.
absl::Status CheckOption(absl::string_view name, uint64_t ours, uint64_t theirs) {
  if (ours == theirs) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(name, ": want ", theirs,
                                                    ", with which the snapshot was taken, got ",
                                                    ours, ": all replicas must have the same"));
}

// Reads one piece after the other into a state of its own. ClusterState CHECKs what it is given, so
// everything is looked at before.
class StateReader {
 public:
  StateReader(raft::SnapshotSource& source, const StateOptions& options)
      : in_(source), options_(options), checkpoints_(options.checkpoint_interval) {}

  absl::StatusOr<RestoredState> Read() {
    absl::Status status = ReadHeader();
    if (status.ok()) status = CheckHeader();
    if (!status.ok()) return status;
    cluster_ = std::make_unique<ClusterState>(options_.limits);
    cluster_->RestoreCounters(header_.counters);
    for (uint64_t i = 0; status.ok() && i < header_.nodes; ++i) status = ReadNode();
    for (uint64_t i = 0; status.ok() && i < header_.vms; ++i) status = ReadVm();
    for (uint64_t i = 0; status.ok() && i < header_.requests; ++i) status = ReadRequest();
    for (uint64_t i = 0; status.ok() && i < header_.checkpoints; ++i) status = ReadCheckpoint();
    if (status.ok()) status = CheckDigest();
    if (status.ok()) status = in_.ExpectEnd();
    if (!status.ok()) return status;
    return RestoredState{
        .cluster = std::move(cluster_), .checkpoints = checkpoints_, .applied = header_.applied};
  }

 private:
  absl::Status ReadHeader() {
    const absl::StatusOr<absl::string_view> bytes = in_.Take(kHeaderBytes);
    if (!bytes.ok()) return bytes.status();
    if (bytes->substr(0, kMagic.size()) != kMagic) {
      return absl::DataLossError("state snapshot: want \"BXSTATE\" first, got other bytes");
    }
    ByteReader in(bytes->substr(kMagic.size()));
    const uint8_t version = in.Get<uint8_t>();
    if (version != kStateSnapshotVersion) return Bad("format version", "1", version);
    header_.options.limits.max_nodes = in.Get<uint64_t>();
    header_.options.limits.max_vms = in.Get<uint64_t>();
    header_.options.limits.remembered_requests = in.Get<uint64_t>();
    header_.options.checkpoint_interval = in.Get<uint64_t>();
    header_.applied = {in.Get<uint64_t>()};
    header_.counters.next_vm_id = VmId{in.Get<uint64_t>()};
    header_.counters.last_registration = RegistrationId{in.Get<uint64_t>()};
    header_.counters.first_request = in.Get<uint64_t>();
    header_.nodes = in.Get<uint64_t>();
    header_.vms = in.Get<uint64_t>();
    header_.requests = in.Get<uint64_t>();
    header_.checkpoints = in.Get<uint64_t>();
    return absl::OkStatus();
  }

  absl::Status CheckHeader() const {
    const ClusterLimits& ours = options_.limits;
    const ClusterLimits& theirs = header_.options.limits;
    absl::Status status = CheckOption("max_nodes", ours.max_nodes, theirs.max_nodes);
    status.Update(CheckOption("max_vms", ours.max_vms, theirs.max_vms));
    status.Update(
        CheckOption("remembered_requests", ours.remembered_requests, theirs.remembered_requests));
    status.Update(CheckOption("checkpoint_interval", options_.checkpoint_interval,
                              header_.options.checkpoint_interval));
    status.Update(CheckCount("nodes", header_.nodes, ours.max_nodes));
    status.Update(CheckCount("VMs", header_.vms, ours.max_vms));
    status.Update(CheckCount("requests", header_.requests, ours.remembered_requests));
    status.Update(CheckCount("checkpoints", header_.checkpoints, CheckpointRing::kKept));
    if (header_.counters.next_vm_id == kNoVm) status.Update(Bad("next VM id", "above 0", 0));
    if (header_.counters.first_request + header_.requests < header_.requests) {
      status.Update(Bad("first request", "a position", header_.counters.first_request));
    }
    return status;
  }

  static absl::Status CheckCount(absl::string_view what, uint64_t count, uint64_t limit) {
    if (count <= limit) return absl::OkStatus();
    return Bad(absl::StrCat("number of ", what), absl::StrCat("at most ", limit), count);
  }

  absl::StatusOr<absl::string_view> TakeName(uint8_t size) {
    absl::StatusOr<absl::string_view> name = in_.Take(size);
    if (name.ok() && !IsValidName(*name)) return Bad("name", "a valid name, its length", size);
    return name;
  }

  absl::Status ReadNode() {
    const absl::StatusOr<absl::string_view> bytes = in_.Take(kNodeBytes);
    if (!bytes.ok()) return bytes.status();
    ByteReader in(*bytes);
    NodeView node;
    node.id = NodeId{in.Get<uint32_t>()};
    node.registration = RegistrationId{in.Get<uint64_t>()};
    node.capacity = GetResources(in);
    const absl::StatusOr<absl::string_view> name = TakeName(in.Get<uint8_t>());
    if (!name.ok()) return name.status();
    node.name = *name;
    if (absl::Status status = CheckNode(node); !status.ok()) return status;
    cluster_->RestoreNode(node);
    last_node_ = node.id;
    return absl::OkStatus();
  }

  absl::Status CheckNode(const NodeView& node) const {
    const uint64_t id = static_cast<uint32_t>(node.id);
    if (node.id <= last_node_) return Bad("node id", "to rise", id);
    if (id > options_.limits.max_nodes) return Bad("node id", "at most max_nodes", id);
    if (node.registration == kNoRegistration ||
        node.registration > header_.counters.last_registration) {
      return Bad("registration", "one that was given", static_cast<uint64_t>(node.registration));
    }
    if (!IsValidResources(node.capacity)) return Bad("capacity", "a valid one at node", id);
    if (cluster_->inventory().Find(node.name) != kNoNode) return Bad("name", "another at node", id);
    return absl::OkStatus();
  }

  absl::Status ReadVm() {
    const absl::StatusOr<absl::string_view> bytes = in_.Take(kVmBytes);
    if (!bytes.ok()) return bytes.status();
    ByteReader in(*bytes);
    const uint32_t slot = in.Get<uint32_t>();
    Vm vm;
    vm.placement.id = VmId{in.Get<uint64_t>()};
    vm.placement.node = NodeId{in.Get<uint32_t>()};
    vm.placement.resources = GetResources(in);
    const absl::StatusOr<absl::string_view> name = TakeName(in.Get<uint8_t>());
    if (!name.ok()) return name.status();
    vm.name = InlineName(*name);
    if (absl::Status status = CheckVm(slot, vm); !status.ok()) return status;
    cluster_->RestoreVm(slot, vm);
    next_slot_ = slot + 1;
    return absl::OkStatus();
  }

  absl::Status CheckVm(uint32_t slot, const Vm& vm) const {
    const VmPlacement& placement = vm.placement;
    const uint64_t id = static_cast<uint64_t>(placement.id);
    if (slot < next_slot_) return Bad("slot", "to rise", slot);
    if (slot >= options_.limits.max_vms) return Bad("slot", "below max_vms", slot);
    if (placement.id == kNoVm || placement.id >= header_.counters.next_vm_id) {
      return Bad("VM id", "one that was given", id);
    }
    if (!IsValidResources(placement.resources)) return Bad("resources", "valid ones at VM", id);
    if (cluster_->inventory().CheckFit(placement.node, placement.resources) != Shortage::kNone) {
      return Bad("node of VM", "one with room at VM", id);
    }
    if (cluster_->FindVm(vm.name.view())) return Bad("name", "another at VM", id);
    return absl::OkStatus();
  }

  absl::Status ReadRequest() {
    const absl::StatusOr<absl::string_view> bytes = in_.Take(kRequestBytes);
    if (!bytes.ok()) return bytes.status();
    ByteReader in(*bytes);
    RequestId id;
    id.client_id = in.Get<uint64_t>();
    id.sequence = in.Get<uint64_t>();
    const absl::StatusOr<Outcome> outcome = DecodeOutcome(in.rest());
    if (!outcome.ok()) {
      return absl::DataLossError(absl::StrCat("state snapshot: ", outcome.status().message()));
    }
    if (cluster_->FindOutcome(id)) return Bad("request", "each once, sequence", id.sequence);
    cluster_->RestoreOutcome(id, *outcome);
    return absl::OkStatus();
  }

  absl::StatusOr<StateDigest> ReadDigest() {
    const absl::StatusOr<absl::string_view> bytes = in_.Take(kDigestBytes);
    if (!bytes.ok()) return bytes.status();
    ByteReader in(*bytes);
    StateDigest digest;
    digest.high = in.Get<uint64_t>();
    digest.low = in.Get<uint64_t>();
    return digest;
  }

  absl::Status ReadCheckpoint() {
    const absl::StatusOr<absl::string_view> bytes = in_.Take(kCheckpointBytes - kDigestBytes);
    if (!bytes.ok()) return bytes.status();
    const raft::LogIndex index{ByteReader(*bytes).Get<uint64_t>()};
    const absl::StatusOr<StateDigest> digest = ReadDigest();
    if (!digest.ok()) return digest.status();
    const raft::LogIndex before =
        checkpoints_.latest() ? checkpoints_.latest()->index : raft::LogIndex{};
    if (index <= before || index > header_.applied) {
      return Bad("checkpoint", "to rise up to the entry applied last", index.value);
    }
    checkpoints_.Add({.index = index, .digest = *digest});
    return absl::OkStatus();
  }

  absl::Status CheckDigest() {
    const absl::StatusOr<StateDigest> digest = ReadDigest();
    if (!digest.ok()) return digest.status();
    if (*digest == cluster_->digest()) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("state snapshot: digest: want ",
                                            FormatDigest(cluster_->digest()),
                                            " for what was read, got ", FormatDigest(*digest)));
  }

  BufferedSource in_;
  const StateOptions& options_;
  Header header_;
  std::unique_ptr<ClusterState> cluster_;
  CheckpointRing checkpoints_;
  NodeId last_node_ = kNoNode;
  uint32_t next_slot_ = 0;
};

}  // namespace

absl::Status WriteState(const StateImage& image, raft::SnapshotSink& sink) {
  return StateWriter(image, sink).Write();
}

absl::StatusOr<RestoredState> ReadState(raft::SnapshotSource& source, const StateOptions& options) {
  return StateReader(source, options).Read();
}

}  // namespace blixard::scheduler
