#include "rpc/client/member_id.h"

#include <gtest/gtest.h>

#include <string>

namespace blixard::rpc {
namespace {

TEST(MemberIdTest, IdsThatJsonShowsExactlyAreTaken) {
  for (const uint64_t id : {uint64_t{1}, uint64_t{4294967301}, kMaxMemberId}) {
    EXPECT_TRUE(CheckMemberId("id", id).ok()) << id;
    EXPECT_EQ(WrongMemberId(std::to_string(id)), "") << id;
    EXPECT_EQ(static_cast<uint64_t>(static_cast<double>(id)), id);
  }
}

TEST(MemberIdTest, OthersAreRefusedAndNamed) {
  for (const uint64_t id : {uint64_t{0}, kMaxMemberId + 1, UINT64_MAX}) {
    EXPECT_EQ(CheckMemberId("id", id).code(), absl::StatusCode::kInvalidArgument) << id;
    EXPECT_NE(WrongMemberId(std::to_string(id)), "") << id;
  }
  EXPECT_EQ(CheckMemberId("--id", 0).message(),
            "--id: want an id from 1 to 9007199254740991, got 0");
}

// Read as an unsigned number -1 is 2^64 - 1, and -18446744073709551615 is 1.
TEST(MemberIdTest, SignsAndTextAreRefused) {
  for (const char* text : {"-1", "-18446744073709551615", "+1", "", " 1", "1 ", "0x1", "one",
                           "18446744073709551617"}) {
    EXPECT_NE(WrongMemberId(text), "") << text;
  }
}

}  // namespace
}  // namespace blixard::rpc
