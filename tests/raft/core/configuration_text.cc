#include "tests/raft/core/configuration_text.h"

#include <glog/logging.h>

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace blixard::raft {
namespace {

ReplicaId ParseId(absl::string_view text) {
  uint64_t number = 0;
  CHECK(absl::SimpleAtoi(text, &number)) << "want a replica's id, got " << text;
  return ReplicaId{number};
}

// Takes "name=(1 2)" off the front of `text`, if it is there.
std::vector<ReplicaId> TakeIds(absl::string_view name, absl::string_view& text) {
  std::vector<ReplicaId> ids;
  if (!absl::ConsumePrefix(&text, name)) return ids;
  CHECK(absl::ConsumePrefix(&text, "(")) << name << ": want (, got " << text;
  const size_t end = text.find(')');
  CHECK_NE(end, absl::string_view::npos) << name << ": want ) in " << text;
  for (absl::string_view id : absl::StrSplit(text.substr(0, end), ' ', absl::SkipEmpty())) {
    ids.push_back(ParseId(id));
  }
  text = absl::StripLeadingAsciiWhitespace(text.substr(end + 1));
  return ids;
}

// Takes "addresses=(1@a 2@b)" off the front of `text`, if it is there.
std::vector<MemberAddress> TakeAddresses(absl::string_view& text) {
  std::vector<MemberAddress> addresses;
  if (!absl::ConsumePrefix(&text, "addresses=(")) return addresses;
  const size_t end = text.find(')');
  CHECK_NE(end, absl::string_view::npos) << "want ) in " << text;
  for (absl::string_view one : absl::StrSplit(text.substr(0, end), ' ', absl::SkipEmpty())) {
    const std::pair<absl::string_view, std::string> parts =
        absl::StrSplit(one, absl::MaxSplits('@', 1));
    addresses.push_back({.id = ParseId(parts.first), .address = parts.second});
  }
  text = text.substr(end + 1);
  return addresses;
}

MemberChangeType ParseType(absl::string_view text) {
  if (text == "add_voter") return MemberChangeType::kAddVoter;
  if (text == "add_learner") return MemberChangeType::kAddLearner;
  CHECK_EQ(text, "remove") << "want add_voter, add_learner or remove";
  return MemberChangeType::kRemove;
}

Transition ParseTransition(absl::string_view text) {
  if (text == "joint_implicit") return Transition::kJointImplicit;
  if (text == "joint_explicit") return Transition::kJointExplicit;
  CHECK_EQ(text, "auto") << "want auto, joint_implicit or joint_explicit";
  return Transition::kAuto;
}

}  // namespace

std::vector<ReplicaId> ReplicaIds(const std::vector<uint64_t>& numbers) {
  std::vector<ReplicaId> ids;
  for (uint64_t number : numbers) ids.push_back(ReplicaId{number});
  return ids;
}

Configuration ParseConfiguration(absl::string_view text) {
  Configuration c;
  c.voters = TakeIds("voters=", text);
  c.outgoing = TakeIds("&&", text);
  c.learners = TakeIds("learners=", text);
  c.learners_next = TakeIds("learners_next=", text);
  c.auto_leave = absl::ConsumePrefix(&text, "autoleave");
  text = absl::StripLeadingAsciiWhitespace(text);
  c.addresses = TakeAddresses(text);
  CHECK(text.empty()) << "cannot read: " << text;
  return c;
}

ConfigurationChange ParseConfigurationChange(absl::string_view text) {
  ConfigurationChange change;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (word == "leave") continue;
    const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(word, '=');
    if (pair.first == "transition") {
      change.transition = ParseTransition(pair.second);
      continue;
    }
    for (absl::string_view member : absl::StrSplit(pair.second, ',')) {
      const std::pair<absl::string_view, std::string> parts =
          absl::StrSplit(member, absl::MaxSplits('@', 1));
      change.changes.push_back(
          {.type = ParseType(pair.first), .id = ParseId(parts.first), .address = parts.second});
    }
  }
  return change;
}

}  // namespace blixard::raft
