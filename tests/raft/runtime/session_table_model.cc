#include "tests/raft/runtime/session_table_model.h"

#include <algorithm>

namespace blixard::raft {

uint64_t SessionTableModel::Register() {
  if (sessions_.size() == options_.max_sessions) {
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
  sessions_[++registered_].used = ++uses_;
  return registered_;
}

SessionTable::Admission SessionTableModel::Admit(uint64_t client, uint64_t sequence) {
  if (!sessions_.contains(client)) return SessionTable::Admission::kUnknownSession;
  Session& session = sessions_.at(client);
  session.used = ++uses_;
  if (IsExpired(session, sequence)) return SessionTable::Admission::kExpired;
  if (!session.applied.insert(sequence).second) return SessionTable::Admission::kRepeated;
  return SessionTable::Admission::kNew;
}

void SessionTableModel::Remember(uint64_t client, uint64_t sequence, const std::string& outcome) {
  if (!sessions_.contains(client) || outcome.size() > options_.max_outcome_bytes) return;
  if (IsExpired(sessions_.at(client), sequence)) return;
  // Outcomes stand in one piece: one that would cross the end begins anew.
  const uint64_t rest = options_.outcome_bytes - kept_bytes_ % options_.outcome_bytes;
  if (outcome.size() > rest) kept_bytes_ += rest;
  sessions_.at(client).outcomes[sequence] = {.at = kept_bytes_, .text = outcome};
  kept_bytes_ += outcome.size();
}

std::optional<std::string> SessionTableModel::FindOutcome(uint64_t client,
                                                          uint64_t sequence) const {
  if (!sessions_.contains(client)) return std::nullopt;
  const Session& session = sessions_.at(client);
  const auto found = session.outcomes.find(sequence);
  if (IsExpired(session, sequence) || found == session.outcomes.end()) return std::nullopt;
  if (kept_bytes_ - found->second.at > options_.outcome_bytes) return std::nullopt;
  return found->second.text;
}

bool SessionTableModel::IsExpired(const Session& session, uint64_t sequence) const {
  return !session.applied.empty() && sequence + options_.window <= *session.applied.rbegin();
}

}  // namespace blixard::raft
