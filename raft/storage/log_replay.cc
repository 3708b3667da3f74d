#include "raft/storage/log_replay.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "raft/core/entry.h"
#include "raft/core/mutation.h"

namespace blixard::raft {
namespace {

// A type of a later version of ours: its meaning is not known, so nothing behind it is safe.
absl::Status UnknownType(absl::string_view what, int type) {
  return absl::FailedPreconditionError(
      absl::StrCat(what, ": want one that this version knows, got ", type));
}

absl::Status CheckSuccessor(const HardState& before, const HardState& after) {
  if (after.term < before.term) {
    return absl::DataLossError(absl::StrCat("term of hard state: want at least ", before.term.value,
                                            ", got ", after.term.value));
  }
  if (after.term == before.term && before.vote != kNoReplica && after.vote != before.vote) {
    return absl::DataLossError(absl::StrCat("vote in term ", after.term.value, ": want ",
                                            static_cast<uint64_t>(before.vote), ", got ",
                                            static_cast<uint64_t>(after.vote)));
  }
  if (after.commit < before.commit) {
    return absl::DataLossError(absl::StrCat("commit of hard state: want at least ",
                                            before.commit.value, ", got ", after.commit.value));
  }
  return absl::OkStatus();
}

}  // namespace

void LogReplay::Begin(const ReplayStart& start) {
  log_.base = start.base;
  log_.hard_state = start.hard_state;
  before_ = start.last;
}

absl::Status LogReplay::Apply(const Frame& frame) {
  switch (frame.header.type) {
    case FrameType::kHardState:
      return ApplyHardState(frame);
    case FrameType::kEntry:
      return ApplyEntry(frame);
    case FrameType::kBase:
      return ApplyBase(frame);
    case FrameType::kSnapshot:
      return ApplySnapshot(frame);
    case FrameType::kSegmentHeader:
      return absl::DataLossError("want an entry or a hard state, got a second segment header");
  }
  return UnknownType("frame type", static_cast<int>(frame.header.type));
}

absl::Status LogReplay::ApplyHardState(const Frame& frame) {
  const absl::StatusOr<HardState> state = DecodeHardState(frame.payload);
  if (!state.ok()) return state.status();
  absl::Status status = CheckSuccessor(log_.hard_state, *state);
  if (!status.ok()) return status;
  if (state->commit >= next_index()) {
    return absl::DataLossError(absl::StrCat("commit of hard state: want below index ",
                                            next_index().value, " where the log ends, got ",
                                            state->commit.value));
  }
  log_.hard_state = *state;
  return absl::OkStatus();
}

absl::Status LogReplay::CheckEntry(const FrameHeader& header) const {
  if (header.index <= log_.hard_state.commit || header.index > next_index()) {
    return absl::DataLossError(absl::StrCat("index of entry: want ",
                                            log_.hard_state.commit.value + 1, " to ",
                                            next_index().value, ", got ", header.index.value));
  }
  const Term term_before = TermBefore(header.index);
  if (header.term < term_before) {
    return absl::DataLossError(absl::StrCat("term of entry ", header.index.value,
                                            ": want at least ", term_before.value, ", got ",
                                            header.term.value));
  }
  if (!IsEntryType(header.entry_type)) return UnknownType("entry type", header.entry_type);
  return absl::OkStatus();
}

// A lower bound where the entry itself is missing.
Term LogReplay::TermBefore(LogIndex index) const {
  if (index <= before_.index) return log_.base.term;
  const uint64_t place = index - before_.index;
  return place == 1 ? std::max(before_.term, log_.base.term) : log_.entries[place - 2].term;
}

void LogReplay::CutFrom(LogIndex index) {
  if (index > before_.index) {
    log_.entries.resize(index - before_.index - 1);
    return;
  }
  before_ = {.term = TermBefore(index), .index = index - 1};
  log_.entries.clear();
}

absl::Status LogReplay::ApplyEntry(const Frame& frame) {
  const FrameHeader& header = frame.header;
  absl::Status status = CheckEntry(header);
  if (!status.ok()) return status;
  Entry entry;
  entry.term = header.term;
  entry.index = header.index;
  entry.type = EntryType{header.entry_type};
  entry.payload_crc32c = header.payload_crc32c;
  if (!frame.payload.empty()) {
    absl::StatusOr<memory::Buffer> payload = payloads_.AcquireCopy(frame.payload);
    if (!payload.ok()) return payload.status();
    entry.payload = *std::move(payload);
  }
  CutFrom(header.index);
  log_.entries.push_back(std::move(entry));
  return absl::OkStatus();
}

absl::Status LogReplay::ApplyBase(const Frame& frame) {
  const EntryId base = {.term = frame.header.term, .index = frame.header.index};
  if (base.index < log_.base.index || base.index > log_.hard_state.commit) {
    return absl::DataLossError(absl::StrCat("index of base: want ", log_.base.index.value, " to ",
                                            log_.hard_state.commit.value, ", got ",
                                            base.index.value));
  }
  if (base.index > before_.index) {
    const auto there = log_.entries.begin() + static_cast<ptrdiff_t>(base.index - before_.index);
    const Term term = (there - 1)->term;
    if (term != base.term) {
      return absl::DataLossError(absl::StrCat("term of base ", base.index.value, ": want ",
                                              term.value, " of that entry, got ", base.term.value));
    }
    log_.entries.erase(log_.entries.begin(), there);
  }
  if (!log_.entries.empty() && base.term > log_.entries.front().term) {
    return absl::DataLossError(absl::StrCat(
        "term of base ", base.index.value, ": want at most ", log_.entries.front().term.value,
        " of entry ", log_.entries.front().index.value, ", got ", base.term.value));
  }
  if (base.index >= before_.index) before_ = base;
  log_.base = base;
  return absl::OkStatus();
}

absl::Status LogReplay::ApplySnapshot(const Frame& frame) {
  const absl::StatusOr<HardState> state = DecodeHardState(frame.payload);
  if (!state.ok()) return state.status();
  absl::Status status = CheckSuccessor(log_.hard_state, *state);
  if (!status.ok()) return status;
  if (state->commit != frame.header.index) {
    return absl::DataLossError(absl::StrCat("commit at snapshot: want its last index ",
                                            frame.header.index.value, ", got ",
                                            state->commit.value));
  }
  log_.hard_state = *state;
  log_.base = before_ = {.term = frame.header.term, .index = frame.header.index};
  if (Mutated(Mutation::kS20ReplayKeepsConflictingLog)) return absl::OkStatus();
  log_.entries.clear();
  return absl::OkStatus();
}

absl::Status LogReplay::CheckWhole() const {
  if (before_.index == log_.base.index) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("want entries ", log_.base.index.value + 1, " to ",
                                          before_.index.value,
                                          " in segments before this one, got no such files"));
}

}  // namespace blixard::raft
