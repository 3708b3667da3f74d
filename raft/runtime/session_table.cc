#include "raft/runtime/session_table.h"

#include <glog/logging.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "raft/core/mutation.h"

namespace blixard::raft {
namespace {

struct Bound {
  absl::string_view field;
  uint64_t value;
  uint64_t limit;
};

absl::Status CheckBound(const Bound& bound) {
  if (bound.value >= 1 && bound.value <= bound.limit) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(bound.field, ": want 1 to ", bound.limit, ", got ", bound.value));
}

}  // namespace

absl::Status CheckSessionTableOptions(const SessionTableOptions& options) {
  for (const Bound& bound :
       {Bound{"max_sessions", options.max_sessions, 1 << 18},
        Bound{"window", options.window, 1 << 10},
        Bound{"outcome_bytes", options.outcome_bytes, 1 << 30},
        Bound{"max_outcome_bytes", options.max_outcome_bytes, options.outcome_bytes}}) {
    if (absl::Status status = CheckBound(bound); !status.ok()) return status;
  }
  return absl::OkStatus();
}

SessionTable::SessionTable(const SessionTableOptions& options)
    : options_(options), outcomes_(options.outcome_bytes) {
  CHECK(CheckSessionTableOptions(options).ok()) << CheckSessionTableOptions(options);
  rows_.reserve(options.max_sessions);
  slots_ = std::make_unique_for_overwrite<Slot[]>(size_t{options.max_sessions} * options.window);
  // Twice the sessions, so that what erased ones leave behind never makes it grow.
  row_of_.reserve(size_t{options.max_sessions} * 2);
}

ClientId SessionTable::Register(LogIndex at) {
  return AddSession(ClientId{++registered_}, at).client;
}

SessionTable::Session& SessionTable::AddSession(ClientId client, LogIndex at) {
  const Row row = TakeRow();
  rows_[row] = {.client = client, .last_use = {}, .highest = {}};
  std::fill_n(&slots_[size_t{row} * options_.window], options_.window, Slot{});
  CHECK(row_of_.emplace(static_cast<uint64_t>(client), row).second) << "client " << client;
  Link(row);
  Use(row, at);
  return rows_[row];
}

SessionTable::Row SessionTable::TakeRow() {
  if (rows_.size() < options_.max_sessions) {
    rows_.emplace_back();
    return static_cast<Row>(rows_.size() - 1);
  }
  const Row row = oldest_;
  Unlink(row);
  CHECK_EQ(row_of_.erase(static_cast<uint64_t>(rows_[row].client)), 1u);
  ++evictions_;
  return row;
}

SessionTable::Admission SessionTable::Admit(const RequestId& id, LogIndex at) {
  CHECK_GT(id.sequence.value, 0u) << "client " << id.client;
  CHECK_LE(id.sequence, kMaxRequestSequence) << "client " << id.client;
  const Row row = FindRow(id.client);
  if (row == kNoRow) return Admission::kUnknownSession;
  Use(row, at);
  if (IsExpired(row, id.sequence)) return Admission::kExpired;
  Slot& slot = SlotOf(row, id.sequence);
  if (slot.sequence == id.sequence) {
    return Mutated(Mutation::kS24AppliesRepeated) ? Admission::kNew : Admission::kRepeated;
  }
  CHECK_LT(slot.sequence, id.sequence) << "client " << id.client;
  slot = {.sequence = id.sequence};
  rows_[row].highest = std::max(rows_[row].highest, id.sequence);
  return Admission::kNew;
}

void SessionTable::Remember(const RequestId& id, absl::string_view outcome) {
  const Row row = FindRow(id.client);
  if (row == kNoRow) return;
  Slot& slot = SlotOf(row, id.sequence);
  if (slot.sequence != id.sequence || outcome.size() > options_.max_outcome_bytes) return;
  slot.outcome = outcomes_.Append(outcome);
}

std::optional<absl::string_view> SessionTable::FindOutcome(const RequestId& id) const {
  const Row row = FindRow(id.client);
  if (row == kNoRow || IsExpired(row, id.sequence)) return std::nullopt;
  const Slot& slot = SlotOf(row, id.sequence);
  if (slot.sequence != id.sequence) return std::nullopt;
  return outcomes_.Find(slot.outcome);
}

SessionTable::Row SessionTable::FindRow(ClientId client) const {
  const auto found = row_of_.find(static_cast<uint64_t>(client));
  return found == row_of_.end() ? kNoRow : found->second;
}

bool SessionTable::IsExpired(Row row, RequestSequence sequence) const {
  return sequence < OldestInWindow(row);
}

RequestSequence SessionTable::OldestInWindow(Row row) const {
  const RequestSequence highest = rows_[row].highest;
  if (highest.value <= options_.window) return RequestSequence{1};
  return highest - options_.window + 1;
}

void SessionTable::Use(Row row, LogIndex at) {
  CHECK_GE(at, last_use_) << "entries are applied in order";
  last_use_ = at;
  rows_[row].last_use = at;
  if (row == newest_) return;
  Unlink(row);
  Link(row);
}

void SessionTable::Link(Row row) {
  rows_[row].older = newest_;
  rows_[row].newer = kNoRow;
  (newest_ == kNoRow ? oldest_ : rows_[newest_].newer) = row;
  newest_ = row;
}

void SessionTable::Unlink(Row row) {
  const Session& session = rows_[row];
  (session.older == kNoRow ? oldest_ : rows_[session.older].newer) = session.newer;
  (session.newer == kNoRow ? newest_ : rows_[session.newer].older) = session.older;
}

}  // namespace blixard::raft
