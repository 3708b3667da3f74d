// What the session table promises, written down with maps and lists and no thought of speed.
#ifndef BLIXARD_TESTS_RAFT_RUNTIME_SESSION_TABLE_MODEL_H_
#define BLIXARD_TESTS_RAFT_RUNTIME_SESSION_TABLE_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "raft/runtime/session_table.h"

namespace blixard::raft {

class SessionTableModel {
 public:
  explicit SessionTableModel(const SessionTableOptions& options) : options_(options) {}

  uint64_t Register();
  SessionTable::Admission Admit(uint64_t client, uint64_t sequence);
  void Remember(uint64_t client, uint64_t sequence, const std::string& outcome);
  std::optional<std::string> FindOutcome(uint64_t client, uint64_t sequence) const;
  size_t size() const { return sessions_.size(); }

 private:
  struct Outcome {
    uint64_t at = 0;  // over all bytes ever kept
    std::string text;
  };
  struct Session {
    uint64_t used = 0;  // counts uses, so no two are equal
    std::set<uint64_t> applied;
    std::map<uint64_t, Outcome> outcomes;
  };
  bool IsExpired(const Session& session, uint64_t sequence) const;

  const SessionTableOptions options_;
  uint64_t registered_ = 0;
  uint64_t uses_ = 0;
  uint64_t kept_bytes_ = 0;
  std::map<uint64_t, Session> sessions_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_RUNTIME_SESSION_TABLE_MODEL_H_
