#include "raft/runtime/session_request.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/split_mix.h"

namespace blixard::raft {
namespace {

SessionRequest RequestOf(const RequestId& id, absl::string_view payload) {
  return {.id = id, .payload = payload};
}

std::string Encoded(const SessionRequest& request) {
  std::string bytes = "what was here before";
  EncodeSessionRequest(request, bytes);
  return bytes;
}

std::string Encoded(const SessionOutcome& outcome) {
  std::string bytes = "what was here before";
  EncodeSessionOutcome(outcome, bytes);
  return bytes;
}

constexpr RequestId kId{.client = ClientId{258}, .sequence = {3}};

TEST(SessionRequestTest, ComesBackAsItWas) {
  const std::string bytes = Encoded(RequestOf(kId, "put"));
  EXPECT_EQ(bytes, std::string("\2\2\1\0\0\0\0\0\0\3\0\0\0\0\0\0\0put", 20));
  const absl::StatusOr<SessionRequest> decoded = DecodeSessionRequest(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->id, kId);
  EXPECT_EQ(decoded->payload, "put");
}

TEST(SessionRequestTest, AnEmptyPayloadIsOne) {
  const std::string bytes = Encoded(RequestOf(kId, ""));
  EXPECT_EQ(bytes.size(), kSessionRequestOverhead);
  ASSERT_TRUE(DecodeSessionRequest(bytes).ok());
  EXPECT_EQ(DecodeSessionRequest(bytes)->payload, "");
}

TEST(SessionRequestTest, ARegistrationHasNoId) {
  const std::string bytes = Encoded(SessionRequest{});
  ASSERT_TRUE(DecodeSessionRequest(bytes).ok());
  EXPECT_FALSE(DecodeSessionRequest(bytes)->id.has_value());
  EXPECT_EQ(DecodeSessionRequest(bytes + "x").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SessionRequestTest, TheLastSequenceIsTakenAndTheNextIsNot) {
  std::string bytes =
      Encoded(RequestOf({.client = ClientId{1}, .sequence = kMaxRequestSequence}, ""));
  EXPECT_TRUE(DecodeSessionRequest(bytes).ok());
  bytes[9] = 1;  // the lowest byte of the sequence
  EXPECT_EQ(DecodeSessionRequest(bytes).status().message(),
            "sequence: want 1 to 2^62, got 4611686018427387905");
}

TEST(SessionRequestTest, WhatIsNoRequestIsSaidToBeNone) {
  const std::string good = Encoded(RequestOf(kId, ""));
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(DecodeSessionRequest(absl::string_view(good).substr(0, size)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
  std::string no_client = good;
  no_client[1] = no_client[2] = 0;
  EXPECT_EQ(DecodeSessionRequest(no_client).status().message(), "client: want > 0, got 0");
  std::string no_sequence = good;
  no_sequence[9] = 0;
  EXPECT_EQ(DecodeSessionRequest(no_sequence).status().message(),
            "sequence: want 1 to 2^62, got 0");
  std::string unknown = good;
  unknown[0] = 3;
  EXPECT_FALSE(DecodeSessionRequest(unknown).ok());
}

TEST(SessionRequestTest, GarbageIsRefusedOrMeansItself) {
  for (uint64_t seed = 1; seed <= 5000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix random(seed);
    std::string bytes(random.Below(30), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Below(random.Below(2) ? 256 : 3));
    if (const auto request = DecodeSessionRequest(bytes); request.ok()) {
      EXPECT_EQ(Encoded(*request), bytes);
    }
    if (const auto outcome = DecodeSessionOutcome(bytes); outcome.ok()) {
      EXPECT_EQ(Encoded(*outcome), bytes);
    }
  }
}

TEST(SessionOutcomeTest, ComesBackAsItWas) {
  for (const SessionOutcome& outcome :
       {SessionOutcome{.status = SessionStatus::kApplied, .outcome = "done"},
        SessionOutcome{.status = SessionStatus::kRepeated, .outcome = ""},
        SessionOutcome{.status = SessionStatus::kForgotten},
        SessionOutcome{.status = SessionStatus::kExpired},
        SessionOutcome{.status = SessionStatus::kUnknownSession},
        SessionOutcome{.status = SessionStatus::kRegistered, .client = ClientId{77}},
        SessionOutcome{.status = SessionStatus::kMalformed}}) {
    const std::string bytes = Encoded(outcome);
    const absl::StatusOr<SessionOutcome> decoded = DecodeSessionOutcome(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->status, outcome.status);
    EXPECT_EQ(decoded->outcome, outcome.outcome);
    EXPECT_EQ(decoded->client, outcome.client);
  }
}

TEST(SessionOutcomeTest, WhatIsNoneIsRefused) {
  EXPECT_FALSE(DecodeSessionOutcome("").ok());
  EXPECT_FALSE(DecodeSessionOutcome("\7").ok());
  EXPECT_FALSE(DecodeSessionOutcome("\3x").ok());      // expired says nothing more
  EXPECT_FALSE(DecodeSessionOutcome("\5short").ok());  // registered: eight bytes
  EXPECT_FALSE(DecodeSessionOutcome("\5nine chars").ok());
}

TEST(SessionRequestTest, WhatNoClientMaySendIsNotWritten) {
  EXPECT_DEATH(Encoded(RequestOf({.client = ClientId{}, .sequence = {1}}, "")), "client");
  EXPECT_DEATH(Encoded(RequestOf({.client = ClientId{1}, .sequence = {}}, "")), "sequence");
  EXPECT_DEATH(Encoded(SessionRequest{.payload = "x"}), "registration");
}

}  // namespace
}  // namespace blixard::raft
