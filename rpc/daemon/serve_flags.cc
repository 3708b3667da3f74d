#include "rpc/daemon/serve_flags.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "rpc/client/member_id.h"

namespace blixard::rpc {
namespace {

constexpr uint64_t kMib = uint64_t{1} << 20;
constexpr uint64_t kMaxMib = uint64_t{1} << 20;  // a TiB

void AddNumber(CLI::App& command, const char* name, auto& value, uint64_t low, uint64_t high,
               const char* what) {
  command.add_option(name, value, what)->capture_default_str()->check(CLI::Range(low, high));
}

void AddIdentity(CLI::App& command, ServeFlags& flags) {
  command.add_option("--id", flags.id, "This replica's id, above 0; required")
      ->check(WrongMemberId);
  command.add_option("--peer", flags.peers,
                     "ID=HOST:PORT of every replica, this one included; repeat the flag; required. "
                     "Addresses that the cluster's log holds count more");
  command.add_flag("--join", flags.join,
                   "For a replica that did not begin the cluster: with an empty directory it waits "
                   "until it is added (blixardctl cluster add); no harm later on");
  command.add_option("--data-dir", flags.data_directory,
                     "Directory of this replica alone, made if missing; required");
  command.add_option("--listen", flags.listen,
                     "HOST:PORT to listen on, if not this replica's --peer");
  command
      .add_option("--cluster", flags.cluster, "Id of the cluster; replicas of another are refused")
      ->capture_default_str()
      ->check(WrongMemberId);
  command.add_flag("--reuse-port", flags.reuse_port,
                   "Share the port with a socket that the starter holds to reserve it");
}

void AddProtocol(CLI::App& command, ServeFlags& flags) {
  AddNumber(command, "--tick-ms", flags.tick_ms, 1, 10'000, "Milliseconds of a tick");
  AddNumber(command, "--heartbeat-ticks", flags.heartbeat_ticks, 1, 1000,
            "Ticks between a leader's heartbeats");
  AddNumber(command, "--election-ticks", flags.election_ticks, 2, 1000,
            "Ticks without a leader before a replica stands for election");
  AddNumber(command, "--lease-clock-error-ticks", flags.lease_clock_error_ticks, 0, 1000,
            "0: every read asks a majority. Above: the leader answers reads alone while its lease "
            "lasts, which is linearizable only if all replicas' clocks measure --election-ticks "
            "with less than so many ticks of error, pauses included; the same on all replicas");
  AddNumber(command, "--max-inflight-mib", flags.max_inflight_mib, 1, 1024,
            "MiB of the log on their way to one follower before the leader waits for it");
}

void AddDisk(CLI::App& command, ServeFlags& flags) {
  AddNumber(command, "--snapshot-entries", flags.snapshot_entries, 1, uint64_t{1} << 40,
            "Entries of the log after which a snapshot is taken...");
  AddNumber(command, "--snapshot-log-mib", flags.snapshot_log_mib, 1, kMaxMib,
            "...or MiB of it, whichever comes first");
  AddNumber(command, "--retained-log-mib", flags.retained_log_mib, 0, kMaxMib,
            "MiB of the log kept in memory behind a snapshot for slow followers; one that needs "
            "more is sent the snapshot");
  AddNumber(command, "--snapshot-mib-per-s", flags.snapshot_mib_per_s, 1, kMaxMib,
            "MiB of snapshots written and sent a second, so that the log's syncs do not wait");
  AddNumber(command, "--disk-reserve-mib", flags.disk_reserve_mib, 0, kMaxMib,
            "MiB that stay free on the disk: with less, changes are refused and reads go on");
  AddNumber(command, "--hand-over-ms", flags.hand_over_ms, 0, 600'000,
            "Milliseconds that a stopping leader waits for another to take over");
}

absl::Status AddPeer(const std::string& peer, ReplicaServerOptions& options) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(peer, absl::MaxSplits('=', 1));
  if (parts.second.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--peer: want ID=HOST:PORT, got \"", peer, "\""));
  }
  uint64_t id = 0;
  const std::string wrong = WrongMemberId(parts.first);
  if (!wrong.empty() || !absl::SimpleAtoi(parts.first, &id)) {
    return absl::InvalidArgumentError(absl::StrCat("--peer ", peer, ": ", wrong));
  }
  if (options.peers.emplace(raft::ReplicaId{id}, parts.second).second) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--peer: want each id once, got ", id, " twice"));
}

}  // namespace

void ServeFlags::AddTo(CLI::App& command) {
  AddIdentity(command, *this);
  AddProtocol(command, *this);
  AddDisk(command, *this);
}

absl::StatusOr<ReplicaServerOptions> ServeFlags::Parse() const {
  ReplicaServerOptions options{.cluster = raft::ClusterId{cluster},
                               .id = raft::ReplicaId{id},
                               .join = join,
                               .data_directory = data_directory,
                               .reuse_port = reuse_port,
                               .tick = absl::Milliseconds(tick_ms),
                               .heartbeat_ticks = heartbeat_ticks,
                               .election_ticks = election_ticks,
                               .lease_clock_error_ticks = lease_clock_error_ticks,
                               .max_inflight_bytes = max_inflight_mib * kMib,
                               .snapshot_entries = snapshot_entries,
                               .snapshot_log_bytes = snapshot_log_mib * kMib,
                               .retained_log_bytes = retained_log_mib * kMib,
                               .snapshot_bytes_per_s = snapshot_mib_per_s * kMib,
                               .disk_reserve_bytes = disk_reserve_mib * kMib,
                               .hand_over_limit = absl::Milliseconds(hand_over_ms)};
  if (id == 0) return absl::InvalidArgumentError("--id: want an id above 0, got none");
  for (const std::string& peer : peers) {
    if (absl::Status added = AddPeer(peer, options); !added.ok()) return added;
  }
  const auto self = options.peers.find(options.id);
  if (self == options.peers.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--peer: want one for every replica, --id ", id, " included"));
  }
  options.listen = listen.empty() ? self->second : listen;
  if (absl::Status valid = options.Validate(); !valid.ok()) return valid;
  return options;
}

}  // namespace blixard::rpc
