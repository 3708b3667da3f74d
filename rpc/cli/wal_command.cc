#include "rpc/cli/wal_command.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/configuration.h"
#include "raft/core/snapshot_meta.h"
#include "raft/core/types.h"
#include "raft/storage/file.h"
#include "raft/storage/membership_recovery.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/snapshot_directory.h"
#include "raft/storage/wal_inspection.h"
#include "rpc/cli/wal_report.h"
#include "rpc/client/member_id.h"

namespace blixard::rpc {
namespace {

// What it means that a log is not available.
constexpr char kReplicaRuns[] = "the replica runs: stop it first, and look at its log then";

struct WalFlags {
  std::string directory;
  size_t payload_bytes = 0;
};

struct RecoveryFlags {
  std::string directory;
  std::string snapshots;
  std::vector<uint64_t> voters;
  std::vector<uint64_t> initial_voters;
  bool accept_data_loss = false;
};

// A directory that holds no log was given by mistake.
absl::Status AsUsage(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::InvalidArgumentError(status.message()) : status;
}

absl::StatusOr<raft::InspectedWal> Inspect(
    const std::string& directory,
    const std::function<void(const raft::InspectedFrame&)>& on_frame) {
  raft::PosixFileSystem files;
  return raft::InspectWal(files, memory::BufferPool::Default(), directory, on_frame);
}

enum class Shown { kAll, kVerdict };

absl::Status Report(const WalFlags& flags, Shown shown, CommandContext& context) {
  const absl::StatusOr<raft::InspectedWal> wal = Inspect(flags.directory, nullptr);
  if (!wal.ok()) return AsUsage(wal.status());
  if (!wal->sound()) context.exit_code = kExitRefused;
  const v1::WalReport report = Describe(*wal);
  if (context.json()) {
    std::cout << ToJson(report) << "\n";
  } else if (shown == Shown::kAll) {
    std::cout << ToText(report);
  } else if (!wal->sound()) {
    std::cout << "DAMAGED: " << wal->damage.message() << "\n";
  } else {
    std::cout << "sound: entries " << report.base_index() + 1 << " to " << report.last_index()
              << " in " << report.segments_size() << " segments"
              << (report.torn().empty() ? "" : "; torn end: " + report.torn()) << "\n";
  }
  return absl::OkStatus();
}

absl::Status Dump(const WalFlags& flags, CommandContext& context) {
  uint64_t frames = 0;
  const absl::StatusOr<raft::InspectedWal> wal =
      Inspect(flags.directory, [&](const raft::InspectedFrame& frame) {
        ++frames;
        const v1::WalFrame described = Describe(frame, flags.payload_bytes);
        std::cout << (context.json() ? ToJson(described) : ToText(described)) << "\n";
      });
  if (!wal.ok()) return AsUsage(wal.status());
  if (context.json()) std::cout << ToJson(DescribeDumpEnd(*wal, frames)) << "\n";
  return wal->damage;
}

std::vector<raft::ReplicaId> Ids(std::vector<uint64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  std::vector<raft::ReplicaId> ids;
  for (const uint64_t number : numbers) ids.push_back(raft::ReplicaId{number});
  return ids;
}

// Where the replica's history starts: its newest snapshot, or else the group's beginning. Only
// looks: what to do about damaged and unfinished snapshots is decided when the replica starts.
absl::StatusOr<raft::SnapshotMeta> FindStart(raft::FileSystem& files, const RecoveryFlags& flags) {
  if (!flags.snapshots.empty()) {
    const absl::StatusOr<raft::InspectedWal> wal = Inspect(flags.directory, nullptr);
    if (!wal.ok()) return wal.status();
    const absl::StatusOr<std::optional<raft::SnapshotMeta>> newest = raft::NewestWholeSnapshot(
        {.files = files, .path = flags.snapshots, .cluster = wal->cluster});
    if (!newest.ok()) return newest.status();
    if (newest->has_value()) return **newest;
  }
  if (flags.initial_voters.empty()) {
    return absl::InvalidArgumentError(
        "--snapshots or --initial-voters: want a directory with a snapshot, or the voters that the "
        "group was started with, got neither");
  }
  raft::SnapshotMeta start;
  start.configuration.voters = Ids(flags.initial_voters);
  absl::Status valid = raft::CheckConfiguration(start.configuration);
  if (!valid.ok()) return valid;
  return start;
}

v1::MembershipRecovery Describe(const std::string& directory,
                                const raft::MembershipRecovery& recovery) {
  v1::MembershipRecovery described;
  described.set_directory(directory);
  described.set_replica_id(static_cast<double>(static_cast<uint64_t>(recovery.replica)));
  described.set_membership_before(raft::ToString(recovery.before));
  described.set_membership_after(raft::ToString(recovery.after));
  described.set_term(static_cast<double>(recovery.term.value));
  described.set_first_index(static_cast<double>(recovery.first.value));
  described.set_last_index(static_cast<double>(recovery.last.value));
  described.set_entries_made_committed(static_cast<double>(recovery.made_committed));
  for (const std::string& warning : raft::Warnings(recovery)) described.add_warnings(warning);
  return described;
}

absl::Status Recover(const RecoveryFlags& flags, CommandContext& context) {
  if (!flags.accept_data_loss) {
    return absl::InvalidArgumentError(
        "recover-membership: want --i-accept-data-loss, got none. Writes that only the lost "
        "replicas held will be gone, also acknowledged ones. Only for a group whose majority will "
        "never come back; on one replica, the survivor with the highest last term and index");
  }
  raft::PosixFileSystem files;
  const absl::StatusOr<raft::SnapshotMeta> start = FindStart(files, flags);
  if (!start.ok()) return AsUsage(start.status());
  const absl::StatusOr<raft::MembershipRecovery> recovery = raft::RecoverMembership(
      files, memory::BufferPool::Default(),
      {.directory = flags.directory, .voters = Ids(flags.voters), .start = *start});
  if (!recovery.ok()) return AsUsage(recovery.status());
  const v1::MembershipRecovery described = Describe(flags.directory, *recovery);
  std::cout << (context.json() ? ToJson(described) + "\n" : ToText(described));
  return absl::OkStatus();
}

void AddRecovery(CLI::App* wal, CommandContext& context) {
  auto flags = std::make_shared<RecoveryFlags>();
  CLI::App* const recover =
      wal->add_subcommand("recover-membership",
                          "After a majority was lost for good: make this replica's group smaller");
  recover->add_option("DIR", flags->directory, "The log's directory; the replica must not run")
      ->required();
  recover
      ->add_option("--voters", flags->voters,
                   "Ids of the voters from now on, commas between; members of the group")
      ->delimiter(',')
      ->check(WrongMemberId)
      ->required();
  recover->add_option("--snapshots", flags->snapshots, "The replica's directory of snapshots");
  recover
      ->add_option("--initial-voters", flags->initial_voters,
                   "The voters that the group was started with; for a replica without snapshots")
      ->delimiter(',')
      ->check(WrongMemberId);
  recover->add_flag("--i-accept-data-loss", flags->accept_data_loss, "Nothing is done without it");
  recover->footer(
      "Writes that only the lost replicas held are gone. The lost replicas must never come back.\n"
      "Run it on one replica: the survivor with the highest last term and index, of its log or of "
      "its\n"
      "newest snapshot. Then start it and the other survivors named by --voters; add new replicas "
      "as\n"
      "usual. A run that was cut short may be repeated.\n"
      "Example, replica 1 of 1, 2, 3 is all that is left:\n"
      "  blixardctl wal recover-membership data/1/wal --snapshots data/1/snapshots \\\n"
      "      --voters 1 --i-accept-data-loss\n"
      "Exit codes: 0 done; 1 refused (damaged log); 2 wrong usage; 3 the replica runs.");
  recover->callback([flags, &context] {
    const absl::Status done = Recover(*flags, context);
    if (!done.ok()) context.Fail(done, kReplicaRuns);
  });
}

void AddDirectory(CLI::App* command, WalFlags& flags) {
  command
      ->add_option("DIR", flags.directory,
                   "The log's directory: wal/ in a replica's data directory")
      ->required();
}

// Runs `work` when the command is chosen, and reports its error.
template <class Work>
void Run(CLI::App* command, CommandContext& context, Work work) {
  command->callback([&context, work] {
    const absl::Status done = work();
    if (!done.ok()) context.Fail(done, kReplicaRuns);
  });
}

}  // namespace

void AddWalCommand(CLI::App& app, CommandContext& context) {
  CLI::App* const wal = app.add_subcommand("wal", "A replica's log, on the machine that holds it");
  wal->require_subcommand(1);
  wal->footer(
      "inspect, verify and dump change nothing and work while the replica runs.\n"
      "Exit codes: 0 sound; 1 damaged; 2 wrong usage.\n"
      "Examples:\n"
      "  blixardctl wal inspect data/1/wal\n"
      "  blixardctl wal verify data/1/wal --output json\n"
      "  blixardctl wal dump data/1/wal --payload-bytes 32 | less");
  auto flags = std::make_shared<WalFlags>();

  CLI::App* const inspect = wal->add_subcommand("inspect", "Show files, entries and state");
  AddDirectory(inspect, *flags);
  Run(inspect, context, [flags, &context] { return Report(*flags, Shown::kAll, context); });

  CLI::App* const verify =
      wal->add_subcommand("verify", "Read every byte; one line says how it is");
  AddDirectory(verify, *flags);
  Run(verify, context, [flags, &context] { return Report(*flags, Shown::kVerdict, context); });

  CLI::App* const dump = wal->add_subcommand("dump", "Print every frame, one a line");
  dump->footer(
      "With --output json a last object, \"end\", tells how many frames there were and what is "
      "torn\n"
      "or damaged; without it the output was cut short.");
  AddDirectory(dump, *flags);
  dump->add_option("--payload-bytes", flags->payload_bytes, "Show so much of each payload")
      ->capture_default_str()
      ->check(CLI::Range(0, 1 << 20));
  Run(dump, context, [flags, &context] { return Dump(*flags, context); });
  AddRecovery(wal, context);
}

}  // namespace blixard::rpc
