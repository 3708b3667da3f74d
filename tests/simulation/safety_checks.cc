#include "tests/simulation/safety_checks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace blixard::raft {
namespace {

template <class T>
T& Grown(std::vector<T>& values, size_t place) {
  if (values.size() <= place) values.resize(place + 1);
  return values[place];
}

}  // namespace

SafetyChecks::SafetyChecks(uint32_t replicas)
    : durable_(replicas), seen_(replicas), applied_(replicas) {}

void SafetyChecks::Require(bool holds, absl::string_view what, ReplicaId replica, LogIndex index) {
  ++checks_;
  if (holds || !violation_.empty()) return;
  violation_ = absl::StrCat(what, " (replica ", static_cast<uint64_t>(replica), ", index ",
                            index.value, ")");
}

void SafetyChecks::OnStoreBegin(ReplicaId replica, const Stored& stored) {
  Durable& durable = durable_[Slot(replica)];
  ++durable.writing;
  LogIndex from{UINT64_MAX};
  if (!stored.entries.empty()) from = stored.entries.front().index;
  if (stored.snapshot.has_value()) from = LogIndex{1};
  durable.written_from = std::min(durable.written_from, from);
}

void SafetyChecks::OnStoreRefused(ReplicaId replica) {
  Durable& durable = durable_[Slot(replica)];
  if (--durable.writing == 0) durable.written_from = LogIndex{UINT64_MAX};
}

bool SafetyChecks::IsCommitted(EntryId id) const {
  return id.index <= committed() &&
         (id.index == LogIndex{0} || committed_[id.index.value - 1] == id.term);
}

void SafetyChecks::OnSnapshotsKept(ReplicaId replica, const Snapshots& snapshots) {
  for (const EntryId& last : {snapshots.newest, snapshots.before}) {
    Require(IsCommitted(last), "a snapshot of what is not committed", replica, last.index);
  }
  durable_[Slot(replica)].fallback = snapshots.before.index;
}

void SafetyChecks::OnCompacted(ReplicaId replica, EntryId through) {
  Require(through.index <= durable_[Slot(replica)].fallback,
          "compacted beyond the snapshot before the newest", replica, through.index);
  Require(through.index <= applied_[Slot(replica)], "compacted beyond what is applied", replica,
          through.index);
}

// Log matching (paper 5.3): an index and a term name one entry, and one entry before it.
void SafetyChecks::CheckEntry(ReplicaId replica, const Entry& entry, Term previous) {
  std::vector<KnownEntry>& known = Grown(entries_, entry.index.value - 1);
  for (const KnownEntry& other : known) {
    if (other.term != entry.term) continue;
    Require(other.previous == previous && other.payload_crc32c == entry.payload_crc32c,
            "log matching: two entries of one index and term differ", replica, entry.index);
    return;
  }
  known.push_back(
      {.term = entry.term, .previous = previous, .payload_crc32c = entry.payload_crc32c});
}

void SafetyChecks::CheckStoredState(ReplicaId replica, const HardState& after) {
  Durable& durable = durable_[Slot(replica)];
  HardState& before = durable.hard_state;
  Require(after.term >= before.term, "the stored term goes back", replica, {});
  Require(after.term > before.term || before.vote == kNoReplica || after.vote == before.vote,
          "the stored vote changes within a term", replica, {});
  Require(after.commit >= before.commit, "the stored commit index goes back", replica,
          after.commit);
  if (after.term > before.term) {
    durable.most_before = std::max(durable.most_before, durable.terms.size());
  }
  before = after;
}

bool SafetyChecks::OnStored(ReplicaId replica, const Stored& stored) {
  Durable& durable = durable_[Slot(replica)];
  if (durable.writing > 0 && --durable.writing == 0) durable.written_from = LogIndex{UINT64_MAX};
  if (stored.hard_state.has_value()) CheckStoredState(replica, *stored.hard_state);
  if (stored.snapshot.has_value()) {
    const EntryId last = *stored.snapshot;
    Require(IsCommitted(last), "a snapshot of what is not committed", replica, last.index);
    if (last.index > committed()) return false;
    durable.terms.assign(committed_.begin(), committed_.begin() + last.index.value);
  }
  if (stored.entries.empty()) return false;
  const LogIndex first = stored.entries.front().index;
  Require(first.value <= durable.terms.size() + 1, "a hole in the stored log", replica, first);
  if (first.value > durable.terms.size() + 1) return false;
  const bool replaces = first.value <= durable.terms.size();
  durable.terms.resize(first.value - 1);
  for (const Entry& entry : stored.entries) {
    const Term previous = durable.terms.empty() ? Term{} : durable.terms.back();
    CheckEntry(replica, entry, previous);
    durable.terms.push_back(entry.term);
  }
  return replaces;
}

void SafetyChecks::OnRestart(ReplicaId replica, const Recovered& recovered) {
  Durable& durable = durable_[Slot(replica)];
  const LogIndex last = recovered.base.index + recovered.entries.size();
  const HardState& before = durable.hard_state;
  const HardState& after = recovered.hard_state;
  Require(after.term >= before.term, "a stored term is lost", replica, {});
  Require(durable.writing > 0 || after.term != before.term || after.vote == before.vote,
          "a stored vote is lost", replica, {});
  Require(after.term != before.term || before.vote == kNoReplica || after.vote == before.vote,
          "a stored vote is lost", replica, {});
  Require(after.commit >= before.commit, "a stored commit index is lost", replica, after.commit);
  // What stood below everything that was being written must be there, unchanged.
  const uint64_t sure = std::min<uint64_t>(durable.terms.size(), durable.written_from.value - 1);
  Require(last.value >= sure, "stored entries are lost", replica, last);
  std::vector<Term> terms(recovered.base.index.value);
  for (size_t i = 0; i < terms.size() && i < committed_.size(); ++i) terms[i] = committed_[i];
  Require(terms.empty() || terms.back() == recovered.base.term, "another base was recovered",
          replica, recovered.base.index);
  for (const Entry& entry : recovered.entries) {
    CheckEntry(replica, entry, terms.empty() ? Term{} : terms.back());
    terms.push_back(entry.term);
  }
  for (size_t i = 0; i < sure && i < terms.size(); ++i) {
    Require(terms[i] == durable.terms[i], "another entry was recovered than was stored", replica,
            LogIndex{i + 1});
  }
  durable.terms = std::move(terms);
  durable.hard_state = after;
  durable.most_before = 0;  // its earlier life answers no more
  durable.writing = 0;
  durable.written_from = LogIndex{UINT64_MAX};
  seen_[Slot(replica)] = {.term = after.term, .commit = {}};
}

void SafetyChecks::OnDiskReplaced(ReplicaId replica) {
  Durable& durable = durable_[Slot(replica)];
  durable.lost.push_back(std::move(durable.terms));
  durable.terms.clear();
  durable.hard_state = {};
  durable.most_before = 0;
  durable.fallback = {};
  durable.writing = 0;
  durable.written_from = LogIndex{UINT64_MAX};
  seen_[Slot(replica)] = {};
}

void SafetyChecks::OnRemovedForGood(ReplicaId replica) {
  durable_[Slot(replica)].vote_term = {};
  durable_[Slot(replica)].vote = kNoReplica;
}

// One vote in a term (paper 5.2), and on the disk before anybody hears of it.
void SafetyChecks::CheckVote(ReplicaId voter, Term term, ReplicaId candidate) {
  Durable& durable = durable_[Slot(voter)];
  const HardState& stored = durable.hard_state;
  Require(stored.term > term || (stored.term == term && stored.vote == candidate),
          "a vote is sent before it is stored", voter, {});
  Require(term > durable.vote_term || (term == durable.vote_term && candidate == durable.vote),
          "two votes in one term", voter, {});
  durable.vote_term = term;
  durable.vote = candidate;
}

// One sync may carry what an old leader sent and the later leader's word that cuts it off. The old
// one may still be told of its part, as if that answer had been slow: this replica's votes of later
// terms were given with that part in its log.
bool SafetyChecks::StoredBefore(const Message& reply) const {
  const Durable& durable = durable_[Slot(reply.from)];
  const bool is_overtaken = reply.term < durable.hard_state.term;
  const size_t held =
      is_overtaken ? std::max(durable.most_before, durable.terms.size()) : durable.terms.size();
  return reply.log.index.value <= held;
}

// Promises are sent after they are durable, and kept (paper 5.2, 5.4).
void SafetyChecks::OnSend(const Message& message) {
  if (message.reject) return;
  switch (message.type) {
    case MessageType::kVote:  // a candidate votes for itself
      return CheckVote(message.from, message.term, message.from);
    case MessageType::kVoteReply:
      return CheckVote(message.from, message.term, message.to);
    case MessageType::kAppendReply:
      return Require(StoredBefore(message), "an append is acknowledged before it is stored",
                     message.from, message.log.index);
    default:
      return;
  }
}

// Election safety and leader completeness (paper, figure 3).
void SafetyChecks::CheckLeader(const RawNode& node) {
  ReplicaId& leader = Grown(leaders_, node.term().value);
  if (leader == node.id()) return;
  Require(leader == kNoReplica, "two leaders of one term", node.id(), {});
  leader = node.id();
  if (committed_.empty()) return;
  // By log matching the last committed entry speaks for all before it. A leader of an old term may
  // lack what later ones have committed.
  if (committed_.back() >= node.term()) return;
  const LogIndex last = committed();
  Require(node.last_index() >= last &&
              (last < node.log().first_index() || node.log().TermAt(last) == committed_.back()),
          "a leader lacks a committed entry", node.id(), last);
}

bool SafetyChecks::QuorumStores(EntryId id, const Configuration& configuration) const {
  const auto holds = [id](const std::vector<Term>& terms) {
    return terms.size() >= id.index.value && terms[id.index.value - 1] == id.term;
  };
  const auto majority_stores = [&](const std::vector<ReplicaId>& voters) {
    const auto stores = std::count_if(voters.begin(), voters.end(), [&](ReplicaId voter) {
      const Durable& durable = durable_[Slot(voter)];
      return holds(durable.terms) || std::any_of(durable.lost.begin(), durable.lost.end(), holds);
    });
    return static_cast<size_t>(stores) * 2 > voters.size();
  };
  return majority_stores(configuration.voters) &&
         (configuration.outgoing.empty() || majority_stores(configuration.outgoing));
}

void SafetyChecks::CheckCommit(const RawNode& node, LogIndex from,
                               const Configuration& configuration) {
  const LogIndex to = node.commit_index();
  // What a snapshot covers was committed before; the log begins behind it.
  for (LogIndex index = std::max(from + 1, node.log().first_index()); index <= to; ++index) {
    const Term term = node.log().TermAt(index);
    if (index <= committed()) {
      Require(committed_[index.value - 1] == term, "a committed entry changes", node.id(), index);
      continue;
    }
    Require(index == committed() + 1, "a commit leaves a hole", node.id(), index);
    if (!violation_.empty()) return;
    // By figure 8, entries of older terms are committed by the one of the own term behind them.
    Require(QuorumStores({.term = term, .index = index}, configuration),
            "committed, but not stored on a quorum", node.id(), index);
    committed_.push_back(term);
  }
}

void SafetyChecks::OnStep(const RawNode& node, const Configuration& configuration) {
  Seen& seen = seen_[Slot(node.id())];
  if (node.role() == Role::kLeader) CheckLeader(node);
  if (node.term() != seen.term) {
    Require(node.term() > seen.term, "the term goes back", node.id(), {});
    seen.term = node.term();
  }
  if (node.commit_index() != seen.commit) {
    Require(node.commit_index() > seen.commit, "the commit index goes back", node.id(),
            node.commit_index());
    CheckCommit(node, seen.commit, configuration);
    seen.commit = node.commit_index();
  }
  Require(
      node.commit_index() <= node.last_index() && applied_[Slot(node.id())] <= node.commit_index(),
      "want applied <= committed <= last", node.id(), node.commit_index());
}

void SafetyChecks::OnApplied(ReplicaId replica, const Applied& applied) {
  LogIndex& last = applied_[Slot(replica)];
  Require(applied.id.index == last + 1, "applied out of order", replica, applied.id.index);
  last = applied.id.index;
  Require(
      applied.id.index <= committed() && committed_[applied.id.index.value - 1] == applied.id.term,
      "applied, but not committed", replica, applied.id.index);
  const size_t place = applied.id.index.value - 1;
  const uint64_t before = place == 0 ? KvStateMachine().digest() : Grown(states_, place - 1).digest;
  const uint64_t digest = applied.has_state ? applied.digest : before;
  KnownState& known = Grown(states_, place);
  if (known.id.index == applied.id.index) {
    Require(known.id == applied.id && known.payload_crc32c == applied.payload_crc32c,
            "two replicas apply different commands", replica, applied.id.index);
    Require(known.digest == digest, "two replicas reach different states", replica,
            applied.id.index);
    return;
  }
  known = {.id = applied.id, .payload_crc32c = applied.payload_crc32c, .digest = digest};
  for (const KvCommand& command : applied.fresh) {
    std::vector<bool>& carried_out = carried_out_[command.client];
    if (carried_out.size() <= command.sequence) carried_out.resize(command.sequence + 1);
    Require(!carried_out[command.sequence], "a request was carried out twice", replica,
            applied.id.index);
    carried_out[command.sequence] = true;
  }
}

void SafetyChecks::OnRestored(ReplicaId replica, LogIndex index, uint64_t digest) {
  LogIndex& applied = applied_[Slot(replica)];
  Require(index >= applied, "the state goes back", replica, index);
  applied = index;
  const KnownState& known = Grown(states_, index.value - 1);
  Require(known.id.index == index && known.digest == digest,
          "a snapshot holds another state than was applied", replica, index);
}

void SafetyChecks::OnAcknowledged(uint32_t client, uint32_t sequence) {
  const std::vector<bool>& carried_out = carried_out_[client];
  ++checks_;
  if (sequence < carried_out.size() && carried_out[sequence]) return;
  Fail(absl::StrCat("client ", client, " was told of request ", sequence,
                    ", which was never carried out"));
}

}  // namespace blixard::raft
