// Quorums and configuration changes as text: testdata/quorum and testdata/confchange.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration.h"
#include "raft/core/configuration_change.h"
#include "raft/core/quorum.h"
#include "raft/core/types.h"
#include "tests/raft/core/configuration_text.h"
#include "tests/raft/core/text_cases.h"

namespace blixard::raft {
namespace {

std::vector<ReplicaId> Ascending(const std::vector<uint64_t>& numbers) {
  std::vector<ReplicaId> ids = ReplicaIds(numbers);
  std::sort(ids.begin(), ids.end());
  return ids;
}

Configuration ConfigurationOf(const TextCaseArguments& arguments) {
  Configuration c;
  c.voters = Ascending(arguments.Numbers("voters"));
  c.outgoing = Ascending(arguments.Numbers("outgoing"));
  c.learners = Ascending(arguments.Numbers("learners"));
  return c;
}

// committed voters=1,2,3 [outgoing=3,4] [learners=5] acked=1:7,2:9
std::string RunCommitted(const TextCaseArguments& arguments) {
  std::map<ReplicaId, LogIndex> acked;
  for (const std::string& text : arguments.Texts("acked")) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(text, ':');
    acked[ReplicaId{std::stoull(pair.first)}] = LogIndex{std::stoull(pair.second)};
  }
  const LogIndex index = CommittedIndex(ConfigurationOf(arguments), [&](ReplicaId id) {
    return acked.contains(id) ? acked.at(id) : LogIndex{};
  });
  return absl::StrCat(index.value);
}

// vote voters=1,2,3 [outgoing=3,4] [learners=5] granted=1 refused=2
std::string RunVote(const TextCaseArguments& arguments) {
  std::map<ReplicaId, Ballot> ballots;
  for (ReplicaId id : ReplicaIds(arguments.Numbers("granted"))) ballots[id] = Ballot::kGranted;
  for (ReplicaId id : ReplicaIds(arguments.Numbers("refused"))) ballots[id] = Ballot::kRefused;
  const auto ballot_of = [&](ReplicaId id) { return ballots[id]; };
  switch (VoteResultOf(ConfigurationOf(arguments), ballot_of)) {
    case VoteResult::kPending:
      return "pending";
    case VoteResult::kWon:
      return "won";
    case VoteResult::kLost:
      return "lost";
  }
  return "";
}

std::vector<std::string> RunQuorum(absl::string_view line) {
  const TextCaseArguments arguments(line);
  return {arguments.command() == "vote" ? RunVote(arguments) : RunCommitted(arguments)};
}

// One configuration that commands change; a command that fails leaves it as it is.
class ConfigurationScript {
 public:
  std::string Run(absl::string_view line) {
    const std::pair<absl::string_view, absl::string_view> words =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    const absl::StatusOr<Configuration> next = Next(words.first, words.second);
    if (!next.ok()) return next.status().ToString();
    configuration_ = *next;
    return ToString(configuration_);
  }

 private:
  absl::StatusOr<Configuration> Next(absl::string_view command, absl::string_view text) {
    if (command == "start") return Start(text);
    const ConfigurationChange change = ParseConfigurationChange(text);
    if (command == "simple") return ChangeSimple(configuration_, change.changes);
    if (command == "enter") return EnterJoint(configuration_, change.changes, Leave::kExplicit);
    if (command == "leave") return LeaveJoint(configuration_);
    if (command == "propose") {
      const absl::Status effect = CheckChangesSomething(configuration_, change);
      if (!effect.ok()) return effect;
    }
    return Apply(configuration_, change);
  }

  static absl::StatusOr<Configuration> Start(absl::string_view text) {
    const Configuration c = ParseConfiguration(text);
    if (absl::Status status = CheckConfiguration(c); !status.ok()) return status;
    return c;
  }

  Configuration configuration_;
};

TextCaseRunner MakeConfigurationRunner() {
  const auto script = std::make_shared<ConfigurationScript>();
  return [script](absl::string_view line) { return std::vector{script->Run(line)}; };
}

}  // namespace
}  // namespace blixard::raft

int main(int argc, char** argv) {
  return blixard::raft::TextCasesMain(
      argc, argv,
      {{.suite = "Quorum",
        .folder = "tests/raft/core/testdata/quorum",
        .make_runner = [] { return blixard::raft::TextCaseRunner(blixard::raft::RunQuorum); }},
       {.suite = "ConfigurationChange",
        .folder = "tests/raft/core/testdata/confchange",
        .make_runner = blixard::raft::MakeConfigurationRunner}});
}
