// The session table as bytes, little-endian:
//
//   bytes
//       4  format version, 1
//      20  max_sessions, window, max_outcome_bytes: 4 each; outcome_bytes: 8
//      16  sessions registered so far, head of the outcomes: 8 each
//       4  number of sessions, then each, longest idle first:
//            8  client     8  index of its latest use     8  highest sequence
//            4  number of applied requests in its window, then each, oldest first:
//                 8  sequence     8  place of the outcome, all ones = forgotten
//                 4  length of the outcome, and its bytes
//
// There is one encoding of each state, and the digest is taken over the same parts.
#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/split_mix.h"
#include "raft/runtime/session_table.h"

namespace blixard::raft {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr uint32_t kFormatVersion = 1;
// Far above what any group ever writes, far below where sums could overflow.
constexpr uint64_t kMaxHead = uint64_t{1} << 62;

// Writes into room made before.
struct BytesOut {
  template <std::unsigned_integral Number>
  void Put(Number number) {
    std::memcpy(next, &number, sizeof(number));
    next += sizeof(number);
  }
  void PutBytes(absl::string_view part) { next = std::copy(part.begin(), part.end(), next); }

  char* next;
};

struct DigestOut {
  void Put(uint64_t number) { digest = SplitMix(digest ^ number).Next(); }
  void PutBytes(absl::string_view part) {
    for (; !part.empty(); part.remove_prefix(std::min(part.size(), sizeof(uint64_t)))) {
      uint64_t word = 0;
      std::memcpy(&word, part.data(), std::min(part.size(), sizeof(word)));
      Put(word);
    }
  }

  uint64_t digest = 0;
};

absl::Status Expect(const char* field, uint64_t want, uint64_t got) {
  if (got == want) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(field, ": want ", want, " as configured, got ", got, " in the snapshot"));
}

absl::Status ReadOptions(memory::ByteReader& in, const SessionTableOptions& options) {
  const uint32_t version = in.Get<uint32_t>("format version");
  const uint32_t max_sessions = in.Get<uint32_t>("max_sessions");
  const uint32_t window = in.Get<uint32_t>("window");
  const uint32_t max_outcome_bytes = in.Get<uint32_t>("max_outcome_bytes");
  const uint64_t outcome_bytes = in.Get<uint64_t>("outcome_bytes");
  if (!in.ok()) return in.status();
  if (version != kFormatVersion) {
    return absl::DataLossError(
        absl::StrCat("format version: want ", kFormatVersion, ", got ", version));
  }
  for (const absl::Status& status :
       {Expect("max_sessions", options.max_sessions, max_sessions),
        Expect("window", options.window, window),
        Expect("max_outcome_bytes", options.max_outcome_bytes, max_outcome_bytes),
        Expect("outcome_bytes", options.outcome_bytes, outcome_bytes)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Bad(const memory::ByteReader& in, absl::string_view what, uint64_t value) {
  return absl::DataLossError(
      absl::StrCat("session table before byte ", in.position(), ": ", what, ", got ", value));
}

}  // namespace

template <class Out>
void SessionTable::Describe(Out& out) const {
  out.Put(kFormatVersion);
  out.Put(options_.max_sessions);
  out.Put(options_.window);
  out.Put(options_.max_outcome_bytes);
  out.Put(options_.outcome_bytes);
  out.Put(registered_);
  out.Put(outcomes_.head());
  out.Put(static_cast<uint32_t>(rows_.size()));
  for (Row row = oldest_; row != kNoRow; row = rows_[row].newer) DescribeSession(row, out);
}

template <class Out>
void SessionTable::DescribeSession(Row row, Out& out) const {
  const Session& session = rows_[row];
  const RequestSequence oldest = OldestInWindow(row);
  const auto is_applied = [&](RequestSequence sequence) {
    return SlotOf(row, sequence).sequence == sequence;
  };
  uint32_t applied = 0;
  for (RequestSequence s = oldest; s <= session.highest; ++s) applied += is_applied(s) ? 1 : 0;
  out.Put(static_cast<uint64_t>(session.client));
  out.Put(session.last_use.value);
  out.Put(session.highest.value);
  out.Put(applied);
  for (RequestSequence s = oldest; s <= session.highest; ++s) {
    if (!is_applied(s)) continue;
    const OutcomeRing::Place place = SlotOf(row, s).outcome;
    const std::optional<absl::string_view> outcome = outcomes_.Find(place);
    out.Put(s.value);
    out.Put(outcome.has_value() ? place.offset : OutcomeRing::kNowhere);
    out.Put(outcome.has_value() ? place.bytes : uint32_t{0});
    out.PutBytes(outcome.value_or(absl::string_view()));
  }
}

uint64_t SessionTable::Digest() const {
  DigestOut out;
  Describe(out);
  return out.digest;
}

std::string SessionTable::Encode() const {
  std::string bytes(MostEncodedBytes(), '\0');
  BytesOut out{bytes.data()};
  Describe(out);
  const size_t used = static_cast<size_t>(out.next - bytes.data());
  CHECK_LE(used, bytes.size());
  bytes.resize(used);
  return bytes;
}

size_t SessionTable::MostEncodedBytes() const {
  constexpr size_t kHeaderBytes = 44;
  constexpr size_t kSessionBytes = 28;
  constexpr size_t kRequestBytes = 20;
  return kHeaderBytes + rows_.size() * (kSessionBytes + options_.window * kRequestBytes) +
         std::min<size_t>(outcomes_.head(), outcomes_.capacity_bytes());
}

absl::StatusOr<SessionTable> SessionTable::Decode(const SessionTableOptions& options,
                                                  absl::string_view bytes) {
  memory::ByteReader in(bytes);
  if (absl::Status status = ReadOptions(in, options); !status.ok()) return status;
  SessionTable table(options);
  if (absl::Status status = table.ReadFrom(in); !status.ok()) return status;
  if (absl::Status status = in.Finish(); !status.ok()) {
    return absl::DataLossError(status.message());
  }
  // Whatever contradiction the bytes hold, for instance two outcomes in one place, shows here.
  if (table.Encode() != bytes) {
    return absl::DataLossError("session table: want the one encoding of a state, got another");
  }
  return table;
}

absl::Status SessionTable::ReadFrom(memory::ByteReader& in) {
  registered_ = in.Get<uint64_t>("registered");
  const uint64_t head = in.Get<uint64_t>("head of outcomes");
  const uint32_t sessions = in.Get<uint32_t>("number of sessions");
  if (!in.ok()) return in.status();
  if (head > kMaxHead) return Bad(in, "want a head of at most 2^62", head);
  if (sessions > options_.max_sessions) return Bad(in, "want at most max_sessions", sessions);
  outcomes_.RestoreHead(head);
  for (uint32_t i = 0; i < sessions; ++i) {
    if (absl::Status status = ReadSession(in); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SessionTable::ReadSession(memory::ByteReader& in) {
  const ClientId client{in.Get<uint64_t>("client")};
  const LogIndex used{in.Get<uint64_t>("use")};
  const RequestSequence highest{in.Get<uint64_t>("highest sequence")};
  const uint32_t applied = in.Get<uint32_t>("number of applied requests");
  if (!in.ok()) return in.status();
  const uint64_t id = static_cast<uint64_t>(client);
  if (id == 0 || id > registered_) return Bad(in, "want a registered client", id);
  if (FindRow(client) != kNoRow) return Bad(in, "want each client once", id);
  if (used < last_use_) return Bad(in, "want sessions in the order of use", used.value);
  if (highest > kMaxRequestSequence) {
    return Bad(in, "want a sequence of at most 2^62", highest.value);
  }
  AddSession(client, used).highest = highest;
  for (uint32_t i = 0; i < applied; ++i) {
    if (absl::Status status = ReadSlot(in, newest_); !status.ok()) return status;
  }
  if (highest.value > 0 && SlotOf(newest_, highest).sequence != highest) {
    return Bad(in, "want the highest sequence applied", highest.value);
  }
  return absl::OkStatus();
}

absl::Status SessionTable::ReadSlot(memory::ByteReader& in, Row row) {
  const RequestSequence sequence{in.Get<uint64_t>("sequence")};
  const uint64_t offset = in.Get<uint64_t>("place of outcome");
  const uint32_t bytes = in.Get<uint32_t>("length of outcome");
  const absl::string_view outcome = in.GetView(bytes, "outcome");
  if (!in.ok()) return in.status();
  if (IsExpired(row, sequence) || sequence > rows_[row].highest) {
    return Bad(in, "want a sequence in the window", sequence.value);
  }
  const OutcomeRing::Place place{.offset = offset, .bytes = bytes};
  if (offset != OutcomeRing::kNowhere && !outcomes_.RestoreAt(place, outcome)) {
    return Bad(in, "want an outcome among those kept", offset);
  }
  SlotOf(row, sequence) = {.sequence = sequence, .outcome = place};
  return absl::OkStatus();
}

}  // namespace blixard::raft
