#include "rpc/transport/tcp_hello.h"

#include <glog/logging.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

constexpr absl::string_view kName = "BLXPEER";
constexpr char kVersion = 2;

constexpr size_t kMaxAddressBytes = 255;

static_assert(std::endian::native == std::endian::little, "ids are sent little-endian");

template <class Id>
void AppendId(Id id, std::string& bytes) {
  const auto value = static_cast<uint64_t>(id);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

uint64_t IdAt(absl::string_view bytes, size_t position) {
  uint64_t value;
  std::memcpy(&value, bytes.data() + position, sizeof(value));
  return value;
}

}  // namespace

void AppendTcpHello(const TcpHello& hello, std::string& bytes) {
  bytes.append(kName.data(), kName.size());
  bytes.push_back(kVersion);
  AppendId(hello.cluster, bytes);
  AppendId(hello.from, bytes);
  AppendId(hello.to, bytes);
  CHECK_LE(hello.address.size(), kMaxAddressBytes);
  bytes.push_back(static_cast<char>(hello.address.size()));
  bytes += hello.address;
}

absl::StatusOr<size_t> TcpHelloBytes(absl::string_view bytes) {
  CHECK_GE(bytes.size(), kTcpHelloBytes);
  if (!absl::StartsWith(bytes, kName)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "first bytes: want ", kName, ", got ", absl::CHexEscape(bytes.substr(0, kName.size()))));
  }
  if (bytes[kName.size()] != kVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("format version: want ", int{kVersion}, ", got ", int{bytes[kName.size()]}));
  }
  return kTcpHelloBytes + static_cast<unsigned char>(bytes[kTcpHelloBytes - 1]);
}

absl::StatusOr<TcpHello> ReadTcpHello(absl::string_view bytes) {
  const absl::StatusOr<size_t> size = TcpHelloBytes(bytes);
  if (!size.ok()) return size.status();
  CHECK_EQ(bytes.size(), *size);
  return TcpHello{.cluster = raft::ClusterId{IdAt(bytes, 8)},
                  .from = raft::ReplicaId{IdAt(bytes, 16)},
                  .to = raft::ReplicaId{IdAt(bytes, 24)},
                  .address = std::string(bytes.substr(kTcpHelloBytes))};
}

}  // namespace blixard::rpc
