#include "scheduler/replicated/request.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace blixard::scheduler {
namespace {

constexpr Resources kSize = {.vcpu_milli = 1500, .memory_mib = 2048, .disk_gib = 3};

std::vector<Request> Samples() {
  const RequestId id = {.client_id = 0x1122334455667788, .sequence = 9};
  return {{.op = RequestOp::kRegisterNode, .id = id, .name = "node-1", .resources = kSize},
          {.op = RequestOp::kRemoveNode, .id = id, .name = "node-1"},
          {.op = RequestOp::kCreateVm, .id = id, .name = "v", .resources = kSize},
          {.op = RequestOp::kDeleteVm, .id = id, .name = "vm.with_a-longer-name.0123456789"}};
}

std::string Encode(const Request& request) {
  std::string bytes;
  EncodeRequest(request, &bytes);
  return bytes;
}

void ExpectSame(const Request& left, const Request& right) {
  EXPECT_EQ(left.op, right.op);
  EXPECT_EQ(left.id, right.id);
  EXPECT_EQ(left.name, right.name);
  EXPECT_EQ(left.resources, right.resources);
}

TEST(RequestTest, ComesBackAsItWasWritten) {
  for (const Request& request : Samples()) {
    const std::string bytes = Encode(request);
    EXPECT_EQ(bytes.size(), EncodedRequestBytes(request));
    const absl::StatusOr<Request> back = DecodeRequest(bytes);
    ASSERT_TRUE(back.ok()) << back.status();
    ExpectSame(*back, request);
  }
}

TEST(RequestTest, TheLargestRequestHasTheStatedSize) {
  const std::string name(kMaxNameBytes, 'n');
  Request request = Samples().front();
  request.name = name;
  EXPECT_EQ(EncodedRequestBytes(request), kMaxRequestBytes);
  std::array<char, kMaxRequestBytes> bytes;
  EXPECT_EQ(EncodeRequest(request, absl::MakeSpan(bytes)), kMaxRequestBytes);
}

TEST(RequestTest, TheBytesAreLittleEndianAndStayAsTheyAre) {
  const Request request = {.op = RequestOp::kCreateVm,
                           .id = {.client_id = 0x0102, .sequence = 3},
                           .name = "ab",
                           .resources = {.vcpu_milli = 4, .memory_mib = 5, .disk_gib = 6}};
  EXPECT_EQ(Encode(request), std::string("\x03"
                                         "\x02\x01\0\0\0\0\0\0"
                                         "\x03\0\0\0\0\0\0\0"
                                         "\x02"
                                         "ab"
                                         "\x04\0\0\0\x05\0\0\0\x06\0\0\0",
                                         32));
}

TEST(RequestTest, AppendsToWhatIsThere) {
  std::string bytes = "before";
  EncodeRequest(Samples().front(), &bytes);
  EXPECT_EQ(bytes, "before" + Encode(Samples().front()));
}

TEST(RequestTest, EveryTruncationIsRefused) {
  for (const Request& request : Samples()) {
    const std::string bytes = Encode(request);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(DecodeRequest(absl::string_view(bytes).substr(0, size)).status().code(),
                absl::StatusCode::kInvalidArgument)
          << size << " bytes";
    }
    EXPECT_FALSE(DecodeRequest(bytes + "x").ok());
  }
}

TEST(RequestTest, FlippedBytesAreRefusedOrDecodeToAValidRequest) {
  for (const Request& request : Samples()) {
    const std::string good = Encode(request);
    for (size_t at = 0; at < good.size(); ++at) {
      for (int flip = 1; flip < 256; ++flip) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ flip);
        const absl::StatusOr<Request> decoded = DecodeRequest(bad);
        if (decoded.ok()) {
          ASSERT_EQ(Encode(*decoded), bad);
        }
      }
    }
  }
}

TEST(RequestTest, ValidationNamesTheFieldOfTheProto) {
  struct Case {
    absl::string_view error;
    Request request;
  };
  const RequestId id = {.client_id = 1, .sequence = 1};
  for (const Case& c : std::vector<Case>{
           {"request_id.client_id: want a random number, got 0",
            {.id = {.client_id = 0, .sequence = 1}, .name = "v", .resources = kSize}},
           {"request_id.sequence: want 1 or more, got 0",
            {.id = {.client_id = 1, .sequence = 0}, .name = "v", .resources = kSize}},
           {"name: want 1 to 63 of A-Z a-z 0-9 . _ -, got \"\" (0 bytes)",
            {.id = id, .name = "", .resources = kSize}},
           {"resources.memory_mib: want 1 to 2147483647, got 0",
            {.id = id, .name = "v", .resources = {.vcpu_milli = 1}}},
           {"capacity.vcpu_milli: want 1 to 2147483647, got 0",
            {.op = RequestOp::kRegisterNode, .id = id, .name = "n"}},
           {"op: want 1 to 4, got 9", {.op = RequestOp{9}, .id = id, .name = "n"}},
           {"", {.op = RequestOp::kDeleteVm, .id = id, .name = "n"}},
           {"", {.op = RequestOp::kCreateVm, .id = id, .name = "n", .resources = kSize}}}) {
    EXPECT_EQ(ValidateRequest(c.request).message(), c.error);
  }
}

TEST(RequestDeathTest, AnInvalidRequestIsNotWritten) {
  std::string bytes;
  EXPECT_DEATH(EncodeRequest({.name = "v", .resources = kSize}, &bytes), "client_id");
}

}  // namespace
}  // namespace blixard::scheduler
