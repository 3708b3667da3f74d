#include "tests/raft/core/protocol_script.h"

#include <glog/logging.h>

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/raw_node_config.h"
#include "tests/raft/core/protocol_text.h"

namespace blixard::raft {

// `key=value` words behind a command.
class ProtocolScript::Arguments {
 public:
  explicit Arguments(absl::Span<const absl::string_view> words) {
    for (absl::string_view word : words) {
      const std::pair<std::string, std::string> pair =
          absl::StrSplit(word, absl::MaxSplits('=', 1));
      values_.insert(pair);
    }
  }

  bool Has(const std::string& key) const { return values_.contains(key); }

  const std::string& Text(const std::string& key) const {
    const auto found = values_.find(key);
    CHECK(found != values_.end()) << "want " << key << "=";
    return found->second;
  }

  uint64_t Number(const std::string& key) const {
    uint64_t number = 0;
    CHECK(absl::SimpleAtoi(Text(key), &number)) << key << ": want a number, got " << Text(key);
    return number;
  }
  uint64_t Number(const std::string& key, uint64_t otherwise) const {
    return Has(key) ? Number(key) : otherwise;
  }
  ReplicaId Replica(const std::string& key) const { return ReplicaId{Number(key)}; }
  bool IsOff(const std::string& key) const { return Has(key) && Text(key) == "off"; }

 private:
  std::map<std::string, std::string> values_;
};

std::vector<std::string> ProtocolScript::Run(absl::string_view line) {
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
  CHECK(!words.empty());
  const Arguments arguments(absl::MakeConstSpan(words).subspan(1));
  quiet_ = arguments.Has("quiet");
  steps_.clear();
  if (words[0] == "group") {
    MakeGroup(arguments);
  } else {
    CHECK(group_ != nullptr) << "want `group` first, got " << line;
    RunOnGroup(words[0], arguments);
    for (ReplicaId id : group_->ids()) {
      invariants_->CheckAfter(id);
      for (const ReadAnswer& read : group_->TakeReads(id)) invariants_->CheckRead(read);
    }
  }
  return std::exchange(steps_, {});
}

void ProtocolScript::MakeGroup(const Arguments& arguments) {
  RawNodeConfig config;
  config.cluster = ClusterId{1};
  config.seed = 1;
  Configuration first;
  const uint64_t voters = arguments.Number("voters");
  for (uint64_t id = 1; id <= voters; ++id) first.voters.push_back(ReplicaId{id});
  for (uint64_t id = 1; id <= arguments.Number("learners", 0); ++id) {
    first.learners.push_back(ReplicaId{voters + id});
  }
  config.pre_vote = !arguments.IsOff("pre_vote");
  config.check_quorum = !arguments.IsOff("check_quorum");
  config.max_append_bytes = arguments.Number("append_bytes", config.max_append_bytes);
  config.max_inflight_messages =
      static_cast<uint32_t>(arguments.Number("inflight", config.max_inflight_messages));
  config.max_committed_bytes_per_ready =
      arguments.Number("committed_bytes", config.max_committed_bytes_per_ready);
  config.async_storage_writes = arguments.Has("async");
  config.lease.enabled = arguments.Has("lease");
  config.lease.clock_error_ticks = static_cast<uint32_t>(arguments.Number("lease", 0));
  config.max_applying_bytes = arguments.Number("applying_bytes", config.max_applying_bytes);
  config.max_uncommitted_bytes =
      arguments.Number("uncommitted_bytes", config.max_uncommitted_bytes);
  config.max_new_voter_lag = arguments.Number("voter_lag", config.max_new_voter_lag);
  group_ = std::make_unique<ReplicaGroup>(config, first);
  group_->set_trace([this](const std::string& step) {
    if (!quiet_) steps_.push_back(step);
  });
  invariants_ = std::make_unique<Invariants>(*group_);
}

void ProtocolScript::RunOnGroup(absl::string_view command, const Arguments& arguments) {
  if (command == "settle") return group_->Settle();
  if (command == "heal") return group_->Heal();
  if (command == "status" && !arguments.Has("node")) {
    for (ReplicaId id : group_->ids()) {
      if (group_->IsUp(id)) steps_.push_back(StatusText(group_->node(id).GetStatus()));
    }
    return;
  }
  if (command == "deliver" || command == "drop" || command == "duplicate") {
    return RunOnNetwork(command, arguments);
  }
  RunOnReplica(command, arguments);
}

// Touches what is on its way now, not what that causes.
void ProtocolScript::RunOnNetwork(absl::string_view command, const Arguments& arguments) {
  size_t left = group_->in_flight().size();
  uint64_t wanted = arguments.Number("count", left);
  for (size_t position = 0; left > 0 && wanted > 0; --left) {
    const Message& message = group_->in_flight()[position];
    const ReplicaId to = message.to;
    const bool matches =
        (!arguments.Has("from") || arguments.Replica("from") == message.from) &&
        (!arguments.Has("to") || arguments.Replica("to") == message.to) &&
        (!arguments.Has("type") || arguments.Text("type") == MessageTypeName(message.type));
    if (!matches) {
      ++position;
      continue;
    }
    --wanted;
    if (command == "duplicate") {
      group_->Duplicate(position++);
    } else if (command == "drop") {
      group_->Drop(position);
    } else {
      group_->Deliver(position);
      group_->Work(to);
    }
  }
}

void ProtocolScript::RunOnReplica(absl::string_view command, const Arguments& arguments) {
  const ReplicaId id = arguments.Replica("node");
  if (command == "cut") return group_->Cut(id);
  if (command == "hold") return group_->Hold(id);
  if (command == "crash") return Crash(arguments);
  if (command == "status") return steps_.push_back(StatusText(group_->node(id).GetStatus()));
  if (command == "log") return steps_.push_back(PayloadsText(group_->disk(id).entries()));
  if (command == "tick") return Tick(arguments);
  if (command == "propose") return Propose(arguments);
  if (command == "read") return Read(arguments);
  if (command == "change") return Change(arguments);
  if (command == "snapshot") return Snapshot(arguments);
  if (command == "new") return group_->AddReplica(id);
  if (command == "append-done") {
    group_->FinishAppend(id);
    return group_->Work(id);
  }
  if (command == "apply-done") {
    group_->FinishApply(id);
    return group_->Work(id);
  }
  if (command == "cut-link") return group_->CutLink(id, arguments.Replica("to"));
  if (command == "lease-read") {
    const std::optional<LogIndex> index = group_->node(id).LeaseRead();
    if (index.has_value()) invariants_->CheckLeaseRead(*index);
    return steps_.push_back(index.has_value() ? absl::StrCat("index=", index->value) : "no lease");
  }
  if (command == "members") {
    return steps_.push_back(ToString(group_->node(id).configuration()));
  }
  if (command == "campaign") {
    group_->node(id).Campaign();
  } else if (command == "unreachable") {
    group_->node(id).ReportUnreachable(arguments.Replica("peer"));
  } else if (command == "transfer") {
    Say(group_->node(id).TransferLeader(arguments.Replica("to")));
  } else if (command == "forget-leader") {
    group_->node(id).ForgetLeader();
  } else {
    CHECK_EQ(command, "release") << "unknown command";
    group_->Release(id);
  }
  group_->Work(id);
}

void ProtocolScript::Tick(const Arguments& arguments) {
  const ReplicaId id = arguments.Replica("node");
  for (uint64_t i = 0; i < arguments.Number("count", 1); ++i) {
    group_->node(id).Tick();
    group_->Work(id);
  }
}

void ProtocolScript::Propose(const Arguments& arguments) {
  const ReplicaId id = arguments.Replica("node");
  for (absl::string_view text : absl::StrSplit(arguments.Text("text"), ',')) {
    const absl::StatusOr<EntryId> place = group_->Propose(id, text);
    if (!place.ok()) steps_.push_back(place.status().ToString());
  }
  group_->Work(id);
}

// What was not synced is lost.
void ProtocolScript::Crash(const Arguments& arguments) {
  const ReplicaId id = arguments.Replica("node");
  group_->Crash(id, 0);
  group_->Release(id);
  invariants_->Forget(id);
  if (arguments.Has("lose_disk")) group_->LoseDisk(id);
  if (arguments.Has("lose_log")) group_->LoseLog(id);
  if (arguments.Has("priority")) {
    group_->config_of(id).priority = static_cast<uint32_t>(arguments.Number("priority"));
  }
  if (arguments.Has("pre_vote")) group_->config_of(id).pre_vote = !arguments.IsOff("pre_vote");
  group_->Start(id);
  group_->Work(id);
}

void ProtocolScript::Say(const absl::Status& status) {
  if (!status.ok()) steps_.push_back(status.ToString());
}

void ProtocolScript::Read(const Arguments& arguments) {
  const ReplicaId id = arguments.Replica("node");
  for (uint64_t i = 0; i < arguments.Number("count", 1); ++i) {
    const absl::StatusOr<ReadToken> token = group_->Read(id);
    Say(token.status());
    if (token.ok()) invariants_->OnRead(*token);
  }
  group_->Work(id);
}

// `add=4 learner=2,3 remove=1` in any combination; none of them leaves a joint configuration.
void ProtocolScript::Change(const Arguments& arguments) {
  ConfigurationChange change;
  const std::pair<const char*, MemberChangeType> kinds[] = {
      {"add", MemberChangeType::kAddVoter},
      {"learner", MemberChangeType::kAddLearner},
      {"remove", MemberChangeType::kRemove}};
  for (const auto& [key, type] : kinds) {
    if (!arguments.Has(key)) continue;
    for (absl::string_view word : absl::StrSplit(arguments.Text(key), ',')) {
      uint64_t id = 0;
      CHECK(absl::SimpleAtoi(word, &id)) << key << ": want numbers, got " << word;
      change.changes.push_back({.type = type, .id = ReplicaId{id}});
    }
  }
  if (arguments.Has("joint")) {
    change.transition = arguments.Text("joint") == "explicit" ? Transition::kJointExplicit
                                                              : Transition::kJointImplicit;
  }
  const ReplicaId id = arguments.Replica("node");
  Say(group_->node(id).ProposeConfigurationChange(change).status());
  group_->Work(id);
}

// Takes one, and drops from the log what it covers up to `compact`.
void ProtocolScript::Snapshot(const Arguments& arguments) {
  const ReplicaId id = arguments.Replica("node");
  group_->TakeSnapshot(id);
  if (arguments.Has("compact")) group_->Compact(id, LogIndex{arguments.Number("compact")});
  group_->Work(id);
}

}  // namespace blixard::raft
