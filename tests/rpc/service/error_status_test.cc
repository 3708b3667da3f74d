#include "rpc/service/error_status.h"

#include <gtest/gtest.h>

namespace blixard::rpc {
namespace {

TEST(ErrorStatusTest, CodesAndMessagesSurviveBothWays) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), code == 0 ? "" : "why");
    EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status)), status) << code;
  }
}

TEST(ErrorStatusTest, NotLeaderTravelsInTheDetails) {
  v1::NotLeader not_leader;
  not_leader.set_leader_id(3);
  not_leader.set_leader_address("127.0.0.1:7003");
  const grpc::Status status = NotLeaderStatus(not_leader);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  const std::optional<v1::NotLeader> found = FindNotLeader(status);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->leader_id(), 3u);
  EXPECT_EQ(found->leader_address(), "127.0.0.1:7003");
}

TEST(ErrorStatusTest, OtherStatusesNameNoLeader) {
  v1::NotLeader not_leader;
  const std::string details = NotLeaderStatus(not_leader).error_details();
  for (const grpc::Status& status : {
           grpc::Status::OK,
           grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "node is not empty"),
           grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "garbage", "\xff\xff\xff"),
           grpc::Status(grpc::StatusCode::UNAVAILABLE, "another code", details),
       }) {
    EXPECT_FALSE(FindNotLeader(status).has_value()) << status.error_message();
  }
  EXPECT_TRUE(FindNotLeader({grpc::StatusCode::FAILED_PRECONDITION, "", details}).has_value());
}

}  // namespace
}  // namespace blixard::rpc
