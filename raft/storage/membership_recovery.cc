#include "raft/storage/membership_recovery.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "raft/core/checksum.h"
#include "raft/core/configuration_change.h"
#include "raft/core/configuration_codec.h"
#include "raft/core/entry.h"
#include "raft/storage/log_continuation.h"
#include "raft/storage/wal.h"
#include "raft/storage/wal_inspection.h"
#include "raft/storage/wal_options.h"

namespace blixard::raft {
namespace {

bool Contains(const std::vector<ReplicaId>& ids, ReplicaId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// The log as its own files describe it, after a look that changes nothing.
absl::StatusOr<WalOptions> DescribeLog(FileSystem& files, memory::BufferPool& payloads,
                                       const std::string& directory) {
  const absl::StatusOr<InspectedWal> wal = InspectWal(files, payloads, directory, nullptr);
  if (!wal.ok()) return wal.status();
  if (!wal->sound()) return wal->damage;
  WalOptions options = {.directory = directory, .cluster = wal->cluster, .replica = wal->replica};
  const uint64_t size = wal->segments.back().size_bytes;
  WalOptions same_size = options;
  same_size.segment_bytes = size;
  return same_size.Validate().ok() ? same_size : options;
}

absl::Status CheckRequest(const MembershipRecoveryOptions& options, ReplicaId replica) {
  if (options.start.configuration.voters.empty()) {
    return absl::InvalidArgumentError(
        "start: want the configuration that the replica's history starts with, got none");
  }
  Configuration wanted;
  wanted.voters = options.voters;
  absl::Status valid = CheckConfiguration(wanted);
  if (!valid.ok()) return valid;
  if (Contains(options.voters, replica)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("voters: want replica ", static_cast<uint64_t>(replica),
                   " among them, whose log this is, got others only"));
}

// Whether a replica with this log may start from `start`, and from nowhere else.
absl::Status CheckStart(const RecoveredLog& log, EntryId start) {
  if (start.index < log.base.index) {
    return absl::FailedPreconditionError(
        absl::StrCat("start: want a snapshot up to at least entry ", log.base.index.value,
                     ", behind which the log begins, got one up to ", start.index.value));
  }
  if (Continues(log, start)) return absl::OkStatus();
  return CheckMayReplace(start, log);
}

// The configuration once everything that a start keeps of the log is applied.
absl::StatusOr<Configuration> ConfigurationAtEnd(const RecoveredLog& log,
                                                 const SnapshotMeta& start) {
  Configuration configuration = start.configuration;
  if (!Continues(log, start.last)) return configuration;
  for (const Entry& entry : log.entries) {
    if (entry.index <= start.last.index || entry.type != EntryType::kConfiguration) continue;
    const absl::StatusOr<ConfigurationChange> change =
        DecodeConfigurationChange(entry.payload.view());
    if (!change.ok()) return change.status();
    // One that cannot be applied is skipped by every replica.
    absl::StatusOr<Configuration> next = Apply(configuration, *change);
    if (next.ok()) configuration = *std::move(next);
  }
  return configuration;
}

// A new voter would have to be there before the group could elect anybody, and nobody would tell
// it to.
absl::Status CheckMembers(const std::vector<ReplicaId>& voters, const Configuration& before) {
  for (const ReplicaId id : voters) {
    if (before.HasMember(id)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("voters: want members of the group, which is ", ToString(before), ", got ",
                     static_cast<uint64_t>(id), "; add others once it has a leader"));
  }
  return absl::OkStatus();
}

// The changes that lead to the wanted voters, each valid after the one before.
class Plan {
 public:
  explicit Plan(Configuration from) : now_(std::move(from)) {}

  absl::Status To(const std::vector<ReplicaId>& voters) {
    if (now_.IsJoint()) {
      absl::Status left = Take({});
      if (!left.ok()) return left;
    }
    ConfigurationChange change;
    for (const ReplicaId id : voters) {
      if (!Contains(now_.voters, id)) change.changes.push_back({MemberChangeType::kAddVoter, id});
    }
    for (const ReplicaId id : now_.voters) {
      if (!Contains(voters, id)) change.changes.push_back({MemberChangeType::kRemove, id});
    }
    if (change.changes.empty()) return absl::OkStatus();
    if (change.changes.size() == 1) return Take(change);
    change.transition = Transition::kJointExplicit;
    absl::Status status = Take(change);
    return status.ok() ? Take({}) : status;
  }

  const std::vector<ConfigurationChange>& changes() const { return changes_; }
  const Configuration& result() const { return now_; }

 private:
  absl::Status Take(const ConfigurationChange& change) {
    absl::StatusOr<Configuration> next = Apply(now_, change);
    if (!next.ok()) return next.status();
    now_ = *std::move(next);
    changes_.push_back(change);
    return absl::OkStatus();
  }

  Configuration now_;
  std::vector<ConfigurationChange> changes_;
};

absl::StatusOr<Entry> MakeEntry(EntryId id, const ConfigurationChange& change,
                                memory::BufferPool& payloads) {
  const std::string bytes = Encode(change);
  absl::StatusOr<memory::Buffer> payload = payloads.AcquireCopy(bytes);
  if (!payload.ok()) return payload.status();
  return Entry{.term = id.term,
               .index = id.index,
               .type = EntryType::kConfiguration,
               .payload_crc32c = PayloadCrc32c(bytes),
               .payload = *std::move(payload)};
}

// Without changes one empty entry: it commits what was open before it.
absl::StatusOr<std::vector<Entry>> MakeEntries(EntryId first,
                                               const std::vector<ConfigurationChange>& changes,
                                               memory::BufferPool& payloads) {
  std::vector<Entry> entries;
  for (const ConfigurationChange& change : changes) {
    absl::StatusOr<Entry> entry =
        MakeEntry({.term = first.term, .index = first.index + entries.size()}, change, payloads);
    if (!entry.ok()) return entry.status();
    entries.push_back(*std::move(entry));
  }
  if (!entries.empty()) return entries;
  Entry& empty = entries.emplace_back();
  empty.term = first.term;
  empty.index = first.index;
  return entries;
}

// What it amounts to; kInvalidArgument when there is nothing to do.
absl::StatusOr<MembershipRecovery> Sum(const RecoveredLog& log, EntryId start, const Plan& plan,
                                       Configuration before) {
  const EntryId last = Continues(log, start) ? LastOf(log) : start;
  const LogIndex committed = std::max(log.hard_state.commit, start.index);
  if (plan.changes().empty() && committed == last.index) {
    return absl::InvalidArgumentError(absl::StrCat(
        "voters: want others than the membership has already, which is ", ToString(before)));
  }
  return MembershipRecovery{
      .before = std::move(before),
      .after = plan.result(),
      .term = std::max(log.hard_state.term, last.term) + 1,
      .first = last.index + 1,
      .last = last.index + std::max<size_t>(1, plan.changes().size()),
      .made_committed = last.index - committed,
  };
}

absl::Status CarryOut(const MembershipRecovery& recovery, const Plan& plan, EntryId start,
                      OpenedWal& log, memory::BufferPool& payloads) {
  const absl::StatusOr<std::vector<Entry>> entries =
      MakeEntries({.term = recovery.term, .index = recovery.first}, plan.changes(), payloads);
  if (!entries.ok()) return entries.status();
  absl::Status status;
  if (!Continues(log.recovered, start)) status = ReplaceLog(start, *log.wal, log.recovered);
  if (!status.ok()) return status;
  status = log.wal->Append(
      HardState{.term = recovery.term, .vote = kNoReplica, .commit = recovery.last}, *entries);
  return status.ok() ? log.wal->Sync() : status;
}

}  // namespace

absl::StatusOr<MembershipRecovery> RecoverMembership(FileSystem& files,
                                                     memory::BufferPool& payloads,
                                                     const MembershipRecoveryOptions& options) {
  const absl::StatusOr<WalOptions> log = DescribeLog(files, payloads, options.directory);
  if (!log.ok()) return log.status();
  absl::Status status = CheckRequest(options, log->replica);
  if (!status.ok()) return status;
  absl::StatusOr<OpenedWal> opened = Wal::Open(files, payloads, *log);
  if (!opened.ok()) return opened.status();
  const EntryId start = options.start.last;
  status = CheckStart(opened->recovered, start);
  if (!status.ok()) return status;
  absl::StatusOr<Configuration> before = ConfigurationAtEnd(opened->recovered, options.start);
  if (!before.ok()) return before.status();
  status = CheckMembers(options.voters, *before);
  if (!status.ok()) return status;
  Plan plan(*before);
  status = plan.To(options.voters);
  if (!status.ok()) return status;
  absl::StatusOr<MembershipRecovery> recovery =
      Sum(opened->recovered, start, plan, *std::move(before));
  if (!recovery.ok()) return recovery.status();
  recovery->replica = log->replica;
  status = CarryOut(*recovery, plan, start, *opened, payloads);
  if (!status.ok()) return status;
  return recovery;
}

std::vector<std::string> Warnings(const MembershipRecovery& recovery) {
  std::vector<ReplicaId> removed;
  for (const ReplicaId id : recovery.before.Members()) {
    if (!recovery.after.HasMember(id)) removed.push_back(id);
  }
  const auto print = [](std::string* out, ReplicaId id) {
    absl::StrAppend(out, static_cast<uint64_t>(id));
  };
  const std::string lost =
      removed.empty() ? "lost replicas"
                      : absl::StrCat("removed replicas (", absl::StrJoin(removed, ",", print), ")");
  std::vector<std::string> warnings = {
      "Writes that only the lost replicas held are gone, even if clients were told that they "
      "succeeded.",
      absl::StrCat("Replica ", static_cast<uint64_t>(recovery.replica),
                   " must be the survivor with the highest last term and index, of its log "
                   "(compare with: blixardctl wal verify) or of its newest snapshot, and the only "
                   "one on which this is run."),
      absl::StrCat("Never start the ", lost,
                   " on their old data again: they would form a group of their own.")};
  if (recovery.made_committed > 0) {
    warnings.push_back(absl::StrCat(
        recovery.made_committed,
        " entries at the end of the log were not known to be committed; they count as committed "
        "now, so a write that its client was told had failed or timed out may appear."));
  }
  return warnings;
}

}  // namespace blixard::raft
