#include "raft/runtime/pass_through_planner.h"

#include <glog/logging.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace blixard::raft {
namespace {

constexpr size_t kLengthBytes = sizeof(uint32_t);
static_assert(std::endian::native == std::endian::little, "lengths are stored little-endian");

}  // namespace

size_t PassThroughPlanner::Plan(LogIndex, absl::Span<const absl::string_view> requests,
                                memory::Buffer& payload) {
  size_t used = 0;
  size_t taken = 0;
  for (absl::string_view request : requests) {
    if (used + kLengthBytes + request.size() > payload.capacity()) break;
    payload.Resize(used + kLengthBytes + request.size());
    char* out = payload.mutable_data() + used;
    const uint32_t length = static_cast<uint32_t>(request.size());
    std::memcpy(out, &length, kLengthBytes);
    std::memcpy(out + kLengthBytes, request.data(), request.size());
    used = payload.size();
    ++taken;
  }
  CHECK_GT(taken, 0u) << "a request of " << requests.front().size() << " bytes does not fit "
                      << payload.capacity();
  return taken;
}

void AppendPassThroughRequest(absl::string_view request, std::string& payload) {
  const uint32_t length = static_cast<uint32_t>(request.size());
  payload.append(reinterpret_cast<const char*>(&length), kLengthBytes);
  payload.append(request.data(), request.size());
}

absl::StatusOr<std::optional<absl::string_view>> PassThroughReader::Next() {
  if (rest_.empty()) return std::nullopt;
  if (rest_.size() < kLengthBytes) {
    return absl::DataLossError(
        absl::StrCat("request length: want ", kLengthBytes, " bytes, got ", rest_.size()));
  }
  uint32_t length;
  std::memcpy(&length, rest_.data(), kLengthBytes);
  rest_.remove_prefix(kLengthBytes);
  if (length > rest_.size()) {
    return absl::DataLossError(
        absl::StrCat("request: want ", length, " bytes, got ", rest_.size()));
  }
  const absl::string_view request = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return request;
}

}  // namespace blixard::raft
