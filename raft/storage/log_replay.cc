#include "raft/storage/log_replay.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "raft/core/entry.h"

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

absl::Status LogReplay::Apply(const Frame& frame) {
  switch (frame.header.type) {
    case FrameType::kHardState:
      return ApplyHardState(frame);
    case FrameType::kEntry:
      return ApplyEntry(frame);
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
  const uint64_t before = header.index.value - 1;
  const Term term_before = before == 0 ? Term{0} : log_.entries[before - 1].term;
  if (header.term < term_before) {
    return absl::DataLossError(absl::StrCat("term of entry ", header.index.value,
                                            ": want at least ", term_before.value, ", got ",
                                            header.term.value));
  }
  if (header.entry_type > static_cast<uint8_t>(EntryType::kCommand)) {
    return UnknownType("entry type", header.entry_type);
  }
  return absl::OkStatus();
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
  log_.entries.resize(header.index.value - 1);
  log_.entries.push_back(std::move(entry));
  return absl::OkStatus();
}

}  // namespace blixard::raft
