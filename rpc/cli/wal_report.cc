#include "rpc/cli/wal_report.h"

#include <fmt/format.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "raft/core/entry.h"
#include "raft/storage/segment.h"
#include "raft/storage/wal_frame.h"

namespace blixard::rpc {
namespace {

std::string FrameName(const raft::FrameHeader& header) {
  switch (header.type) {
    case raft::FrameType::kSegmentHeader:
      return "segment-header";
    case raft::FrameType::kHardState:
      return "hard-state";
    case raft::FrameType::kEntry:
      return "entry";
    case raft::FrameType::kBase:
      return "base";
    case raft::FrameType::kSnapshot:
      return "snapshot";
  }
  return absl::StrCat("type-", static_cast<int>(header.type));
}

std::string EntryTypeName(uint8_t type) {
  if (type == static_cast<uint8_t>(raft::EntryType::kEmpty)) return "empty";
  if (type == static_cast<uint8_t>(raft::EntryType::kCommand)) return "command";
  if (type == static_cast<uint8_t>(raft::EntryType::kConfiguration)) return "configuration";
  return absl::StrCat("type-", static_cast<int>(type));
}

std::string FileName(absl::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

v1::WalHardState Describe(const raft::HardState& state) {
  v1::WalHardState described;
  described.set_term(static_cast<double>(state.term.value));
  described.set_vote(static_cast<double>(static_cast<uint64_t>(state.vote)));
  described.set_commit(static_cast<double>(state.commit.value));
  return described;
}

v1::WalSegment Describe(const raft::InspectedSegment& segment) {
  v1::WalSegment described;
  described.set_file(FileName(segment.path));
  described.set_sequence(static_cast<double>(segment.header.sequence));
  described.set_recycled(segment.header.origin == raft::SegmentOrigin::kRecycled);
  described.set_size_bytes(static_cast<double>(segment.size_bytes));
  described.set_end_offset(static_cast<double>(segment.end));
  described.set_frames(static_cast<double>(segment.frames));
  described.set_entries(static_cast<double>(segment.entries));
  described.set_first_index(static_cast<double>(segment.first.value));
  described.set_last_index(static_cast<double>(segment.last.value));
  described.set_torn_bytes(static_cast<double>(segment.torn_bytes));
  return described;
}

std::string SegmentLine(const v1::WalSegment& segment) {
  const std::string indexes =
      segment.entries() == 0 ? "-"
                             : fmt::format("{}..{}", segment.first_index(), segment.last_index());
  return fmt::format("{:<22} {:>10} {:>10} {:>8} {:>8}  {:<20} {}\n", segment.file(),
                     segment.size_bytes(), segment.end_offset(), segment.frames(),
                     segment.entries(), indexes, segment.recycled() ? "recycled" : "");
}

}  // namespace

v1::WalReport Describe(const raft::InspectedWal& wal) {
  v1::WalReport report;
  report.set_directory(wal.directory);
  report.set_cluster_id(static_cast<double>(static_cast<uint64_t>(wal.cluster)));
  report.set_replica_id(static_cast<double>(static_cast<uint64_t>(wal.replica)));
  *report.mutable_hard_state() = Describe(wal.hard_state);
  report.set_base_term(static_cast<double>(wal.base.term.value));
  report.set_base_index(static_cast<double>(wal.base.index.value));
  report.set_last_term(static_cast<double>(wal.last.term.value));
  report.set_last_index(static_cast<double>(wal.last.index.value));
  for (const raft::InspectedSegment& segment : wal.segments) {
    *report.add_segments() = Describe(segment);
  }
  for (const std::string& name : wal.free_segments) report.add_free_files(name);
  for (const std::string& name : wal.unfinished) report.add_unfinished_files(name);
  for (const std::string& name : wal.leftover) report.add_leftover_files(name);
  report.set_sound(wal.sound());
  report.set_torn(wal.torn_note);
  report.set_damage(std::string(wal.damage.message()));
  return report;
}

v1::WalFrame Describe(const raft::InspectedFrame& frame, size_t payload_bytes) {
  v1::WalFrame described;
  described.set_file(FileName(frame.path));
  described.set_offset(static_cast<double>(frame.offset));
  described.set_type(FrameName(frame.header));
  described.set_term(static_cast<double>(frame.header.term.value));
  described.set_index(static_cast<double>(frame.header.index.value));
  described.set_payload_bytes(frame.header.payload_bytes);
  described.set_payload_crc32c(fmt::format("{:08x}", frame.header.payload_crc32c));
  if (frame.header.type == raft::FrameType::kEntry) {
    described.set_entry_type(EntryTypeName(frame.header.entry_type));
    described.set_payload(absl::CHexEscape(frame.payload.substr(0, payload_bytes)));
  }
  if (frame.hard_state.has_value()) *described.mutable_hard_state() = Describe(*frame.hard_state);
  return described;
}

v1::WalDumpEnd DescribeDumpEnd(const raft::InspectedWal& wal, uint64_t frames) {
  v1::WalDumpEnd described;
  v1::WalDumpEnd::End& end = *described.mutable_end();
  end.set_frames(static_cast<double>(frames));
  end.set_sound(wal.sound());
  end.set_torn(wal.torn_note);
  end.set_damage(std::string(wal.damage.message()));
  return described;
}

std::string ToText(const v1::WalReport& report) {
  std::string text =
      fmt::format("{}: log of replica {} of cluster {}\n{:<22} {:>10} {:>10} {:>8} {:>8}  {}\n",
                  report.directory(), report.replica_id(), report.cluster_id(), "file", "bytes",
                  "end", "frames", "entries", "indexes");
  for (const v1::WalSegment& segment : report.segments()) text += SegmentLine(segment);
  for (const std::string& name : report.free_files()) text += name + " waits for its next use\n";
  for (const std::string& name : report.unfinished_files()) {
    text += name + " is unfinished; the next start removes it\n";
  }
  for (const std::string& name : report.leftover_files()) {
    text += name + " is not needed; the next start gives it up\n";
  }
  const v1::WalHardState& state = report.hard_state();
  text += fmt::format("hard state: term {}, vote {}, commit {}\n", state.term(), state.vote(),
                      state.commit());
  text += fmt::format("entries: {} to {} (base term {}, last term {})\n", report.base_index() + 1,
                      report.last_index(), report.base_term(), report.last_term());
  if (!report.torn().empty()) text += "torn end: " + report.torn() + "; the next start cuts it\n";
  text += report.sound() ? "sound\n" : "DAMAGED: " + report.damage() + "\n";
  return text;
}

std::string ToText(const v1::MembershipRecovery& recovery) {
  std::string text = fmt::format(
      "{}: log of replica {}\nmembership before: {}\nmembership after:  {}\n"
      "appended and committed: entries {} to {} of term {}\n",
      recovery.directory(), recovery.replica_id(), recovery.membership_before(),
      recovery.membership_after(), recovery.first_index(), recovery.last_index(), recovery.term());
  for (const std::string& warning : recovery.warnings()) text += "WARNING: " + warning + "\n";
  return text;
}

std::string ToText(const v1::WalFrame& frame) {
  std::string line = fmt::format("{} {:>9} {:<10}", frame.file(), frame.offset(), frame.type());
  if (frame.has_hard_state()) {
    line += fmt::format(" term {} vote {} commit {}", frame.hard_state().term(),
                        frame.hard_state().vote(), frame.hard_state().commit());
  }
  if (frame.type() != "hard-state") {
    line += fmt::format(" {}/{}", frame.term(), frame.index());
  }
  if (!frame.entry_type().empty()) {
    line += fmt::format(" {} {} bytes crc {}", frame.entry_type(), frame.payload_bytes(),
                        frame.payload_crc32c());
  }
  if (!frame.payload().empty()) line += fmt::format(" \"{}\"", frame.payload());
  return line;
}

}  // namespace blixard::rpc
