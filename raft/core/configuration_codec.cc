#include "raft/core/configuration_codec.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/byte_reader.h"

namespace blixard::raft {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");
static_assert(kMaxMembers <= UINT8_MAX, "counts are one byte");
static_assert(kMaxAddressBytes <= UINT8_MAX, "lengths of addresses are one byte");

constexpr uint8_t kPlainVersion = 1;
constexpr uint8_t kAddressesVersion = 2;
constexpr uint8_t kConfigurationKind = 1;
constexpr uint8_t kChangeKind = 2;
constexpr size_t kConfigurationHeaderBytes = 8;
constexpr size_t kChangeHeaderBytes = 4;
constexpr size_t kIdBytes = 8;
constexpr size_t kMemberChangeBytes = 1 + kIdBytes;

class Writer {
 public:
  explicit Writer(char* to) : to_(to) {}

  void PutByte(size_t value) { *to_++ = static_cast<char>(value); }
  void PutId(ReplicaId id) {
    std::memcpy(to_, &id, kIdBytes);
    to_ += kIdBytes;
  }
  void PutAddress(const std::string& address) {
    PutByte(address.size());
    std::memcpy(to_, address.data(), address.size());
    to_ += address.size();
  }
  void PutIds(const std::vector<ReplicaId>& ids) {
    for (ReplicaId id : ids) PutId(id);
  }

 private:
  char* to_;
};

using Reader = memory::ByteReader;

std::vector<ReplicaId> GetIds(Reader& reader, size_t count, const char* field) {
  std::vector<ReplicaId> ids;
  ids.reserve(count);
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    ids.push_back(ReplicaId{reader.Get<uint64_t>(field)});
  }
  return ids;
}

// Reads one byte that has only one right value.
absl::Status ExpectByte(Reader& reader, const char* field, uint8_t want) {
  const uint8_t got = reader.Get<uint8_t>(field);
  if (!reader.ok()) return reader.status();
  if (got == want) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(field, ": want ", int{want}, ", got ", int{got}));
}

// Returns the version.
absl::StatusOr<uint8_t> ExpectFormat(Reader& reader, uint8_t kind) {
  const uint8_t version = reader.Get<uint8_t>("format version");
  if (!reader.ok()) return reader.status();
  if (version != kPlainVersion && version != kAddressesVersion) {
    return absl::DataLossError(absl::StrCat("format version: want ", int{kPlainVersion}, " or ",
                                            int{kAddressesVersion}, ", got ", int{version}));
  }
  if (absl::Status as_wanted = ExpectByte(reader, "kind", kind); !as_wanted.ok()) return as_wanted;
  return version;
}

std::string GetAddress(Reader& reader) {
  return std::string(reader.GetView(reader.Get<uint8_t>("length of an address"), "address"));
}

bool HasAddress(const ConfigurationChange& change) {
  return std::any_of(change.changes.begin(), change.changes.end(),
                     [](const MemberChange& one) { return !one.address.empty(); });
}

uint8_t VersionOf(bool has_addresses) { return has_addresses ? kAddressesVersion : kPlainVersion; }

absl::Status CheckVersion(uint8_t version, bool has_addresses) {
  if (version == VersionOf(has_addresses)) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("addresses: want ",
                                          has_addresses ? "none" : "at least one",
                                          " in format version ", int{version}));
}

// Everything was read, nothing is left, and the value is one that could have been written.
absl::Status Verdict(const Reader& reader, const absl::Status& check) {
  const absl::Status read = reader.Finish();
  if (!read.ok()) return absl::DataLossError(read.message());
  return check.ok() ? absl::OkStatus() : absl::DataLossError(check.message());
}

}  // namespace

size_t EncodedBytes(const Configuration& c) {
  const size_t ids =
      c.voters.size() + c.outgoing.size() + c.learners.size() + c.learners_next.size();
  size_t bytes = kConfigurationHeaderBytes + ids * kIdBytes;
  for (const MemberAddress& one : c.addresses) bytes += kIdBytes + 1 + one.address.size();
  return bytes;
}

size_t EncodedBytes(const ConfigurationChange& change) {
  size_t bytes = kChangeHeaderBytes + change.changes.size() * kMemberChangeBytes;
  if (!HasAddress(change)) return bytes;
  for (const MemberChange& one : change.changes) bytes += 1 + one.address.size();
  return bytes;
}

void Encode(const Configuration& c, char* to) {
  CHECK(CheckConfiguration(c).ok()) << CheckConfiguration(c) << ": " << ToString(c);
  Writer writer(to);
  writer.PutByte(VersionOf(!c.addresses.empty()));
  writer.PutByte(kConfigurationKind);
  writer.PutByte(c.auto_leave ? 1 : 0);
  writer.PutByte(c.addresses.size());
  for (const auto* ids : {&c.voters, &c.outgoing, &c.learners, &c.learners_next}) {
    writer.PutByte(ids->size());
  }
  for (const auto* ids : {&c.voters, &c.outgoing, &c.learners, &c.learners_next}) {
    writer.PutIds(*ids);
  }
  for (const MemberAddress& one : c.addresses) {
    writer.PutId(one.id);
    writer.PutAddress(one.address);
  }
}

void Encode(const ConfigurationChange& change, char* to) {
  CHECK(CheckConfigurationChange(change).ok()) << CheckConfigurationChange(change);
  Writer writer(to);
  const bool has_address = HasAddress(change);
  writer.PutByte(VersionOf(has_address));
  writer.PutByte(kChangeKind);
  writer.PutByte(static_cast<size_t>(change.transition));
  writer.PutByte(change.changes.size());
  for (const MemberChange& one : change.changes) {
    writer.PutByte(static_cast<size_t>(one.type));
    writer.PutId(one.id);
    if (has_address) writer.PutAddress(one.address);
  }
}

std::string Encode(const Configuration& configuration) {
  std::string bytes(EncodedBytes(configuration), '\0');
  Encode(configuration, bytes.data());
  return bytes;
}

std::string Encode(const ConfigurationChange& change) {
  std::string bytes(EncodedBytes(change), '\0');
  Encode(change, bytes.data());
  return bytes;
}

absl::StatusOr<Configuration> DecodeConfiguration(absl::string_view bytes) {
  Reader reader(bytes);
  const absl::StatusOr<uint8_t> version = ExpectFormat(reader, kConfigurationKind);
  if (!version.ok()) return version.status();
  const uint8_t auto_leave = reader.Get<uint8_t>("auto leave");
  if (auto_leave > 1) {
    return absl::DataLossError(absl::StrCat("auto leave: want 0 or 1, got ", int{auto_leave}));
  }
  const uint8_t addresses = reader.Get<uint8_t>("number of addresses");
  const uint8_t voters = reader.Get<uint8_t>("number of voters");
  const uint8_t outgoing = reader.Get<uint8_t>("number of outgoing voters");
  const uint8_t learners = reader.Get<uint8_t>("number of learners");
  const uint8_t learners_next = reader.Get<uint8_t>("number of next learners");
  Configuration c;
  c.auto_leave = auto_leave == 1;
  c.voters = GetIds(reader, voters, "voter");
  c.outgoing = GetIds(reader, outgoing, "outgoing voter");
  c.learners = GetIds(reader, learners, "learner");
  c.learners_next = GetIds(reader, learners_next, "next learner");
  for (size_t i = 0; i < addresses && reader.ok(); ++i) {
    const ReplicaId id{reader.Get<uint64_t>("replica of an address")};
    c.addresses.push_back({.id = id, .address = GetAddress(reader)});
  }
  if (absl::Status verdict = Verdict(reader, CheckConfiguration(c)); !verdict.ok()) return verdict;
  if (absl::Status fits = CheckVersion(*version, addresses > 0); !fits.ok()) return fits;
  return c;
}

absl::StatusOr<ConfigurationChange> DecodeConfigurationChange(absl::string_view bytes) {
  Reader reader(bytes);
  const absl::StatusOr<uint8_t> version = ExpectFormat(reader, kChangeKind);
  if (!version.ok()) return version.status();
  ConfigurationChange change;
  change.transition = Transition{reader.Get<uint8_t>("transition")};
  const uint8_t count = reader.Get<uint8_t>("number of changes");
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    const MemberChangeType type{reader.Get<uint8_t>("change type")};
    change.changes.push_back({.type = type, .id = ReplicaId{reader.Get<uint64_t>("replica")}});
    if (*version == kAddressesVersion) change.changes.back().address = GetAddress(reader);
  }
  const absl::Status verdict = Verdict(reader, CheckConfigurationChange(change));
  if (!verdict.ok()) return verdict;
  if (absl::Status fits = CheckVersion(*version, HasAddress(change)); !fits.ok()) return fits;
  return change;
}

}  // namespace blixard::raft
