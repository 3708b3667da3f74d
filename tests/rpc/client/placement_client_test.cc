// The client against servers that answer as they are told to.
#include "rpc/client/placement_client.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rpc/proto/placement.grpc.pb.h"
#include "rpc/service/error_status.h"

namespace blixard::rpc {
namespace {

using ::testing::HasSubstr;

const grpc::Status kUnavailable(grpc::StatusCode::UNAVAILABLE, "an election");

// A replica that gives these answers in turn, the last one again and again, and remembers who
// asked.
class PlayedReplica : public v1::Placement::Service {
 public:
  PlayedReplica() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
  }
  ~PlayedReplica() override { server_->Shutdown(); }

  const std::string& address() const { return address_; }
  void Answer(std::deque<grpc::Status> answers) {
    std::lock_guard lock(mutex_);
    answers_ = std::move(answers);
  }
  std::vector<std::string> asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }

  grpc::Status CreateVm(grpc::ServerContext*, const v1::CreateVmRequest* request,
                        v1::CreateVmResponse* response) override {
    response->mutable_placement()->set_vm_id(7);
    return Take(request->request_id().SerializeAsString());
  }
  grpc::Status GetVm(grpc::ServerContext*, const v1::GetVmRequest* request,
                     v1::GetVmResponse* response) override {
    response->set_applied_index(9);
    return Take(request->name());
  }

 private:
  grpc::Status Take(std::string who) {
    std::lock_guard lock(mutex_);
    asked_.push_back(std::move(who));
    grpc::Status answer = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    return answer;
  }

  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::mutex mutex_;
  std::deque<grpc::Status> answers_ = {grpc::Status::OK};  // guarded by mutex_
  std::vector<std::string> asked_;                         // guarded by mutex_
};

class PlacementClientTest : public ::testing::Test {
 protected:
  std::unique_ptr<PlacementClient> Connect(absl::Duration call_timeout) {
    auto client = PlacementClient::Create({.endpoints = {first_.address(), second_.address()},
                                           .call_timeout = call_timeout,
                                           .retry_pause = absl::Milliseconds(1)});
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  grpc::Status ToSecond() const {
    v1::NotLeader not_leader;
    not_leader.set_leader_id(2);
    not_leader.set_leader_address(second_.address());
    return NotLeaderStatus(not_leader);
  }

  PlayedReplica first_;
  PlayedReplica second_;
};

constexpr absl::Duration kLong = absl::Seconds(60);

TEST_F(PlacementClientTest, AChangeIsRepeatedUnderItsRequestIdAcrossLeaders) {
  const grpc::Status broken(grpc::StatusCode::UNKNOWN, "a connection that broke");
  first_.Answer({ToSecond(), grpc::Status::OK});
  second_.Answer({kUnavailable, ToSecond(), broken, grpc::Status::OK});
  const auto client = Connect(kLong);
  const auto answer = client->CreateVm(v1::CreateVmRequest());
  ASSERT_TRUE(answer.ok()) << answer.status();
  std::vector<std::string> asked = first_.asked();
  for (const std::string& id : second_.asked()) asked.push_back(id);
  EXPECT_GE(asked.size(), 3u);
  for (const std::string& id : asked) EXPECT_EQ(id, asked[0]);
  EXPECT_GE(client->counters().redirects, 1u);
  ASSERT_TRUE(client->CreateVm(v1::CreateVmRequest()).ok());
  EXPECT_NE((first_.asked().size() > 1 ? first_ : second_).asked().back(), asked[0])
      << "the next call is another request";
}

TEST_F(PlacementClientTest, WhatIsRefusedForGoodIsNotRepeated) {
  first_.Answer({{grpc::StatusCode::INVALID_ARGUMENT, "name: want one"}});
  const auto client = Connect(kLong);
  const auto answer = client->CreateVm(v1::CreateVmRequest());
  EXPECT_TRUE(absl::IsInvalidArgument(answer.status())) << answer.status();
  EXPECT_EQ(client->counters().attempts, 1u);
}

TEST_F(PlacementClientTest, ACallEndsAtItsDeadlineAndSaysWhatIsKnown) {
  first_.Answer({kUnavailable});
  second_.Answer({kUnavailable});
  const auto client = Connect(absl::Milliseconds(200));
  const auto change = client->CreateVm(v1::CreateVmRequest());
  EXPECT_TRUE(absl::IsDeadlineExceeded(change.status())) << change.status();
  EXPECT_THAT(std::string(change.status().message()), HasSubstr("the outcome is unknown"));
  EXPECT_THAT(std::string(change.status().message()), HasSubstr("an election"));
  const auto read = client->GetVm(v1::GetVmRequest());
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("nothing was read"));
  EXPECT_GT(first_.asked().size(), 1u);
  EXPECT_GT(second_.asked().size(), 1u) << "both are asked in turn";
}

TEST_F(PlacementClientTest, AReadGoesOnAtAnotherReplica) {
  first_.Answer({kUnavailable});
  const auto client = Connect(kLong);
  v1::GetVmRequest request;
  request.set_name("web");
  const auto answer = client->GetVm(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->applied_index(), 9u);
  EXPECT_EQ(first_.asked().size(), 1u);
  EXPECT_EQ(second_.asked(), std::vector<std::string>{"web"});
}

}  // namespace
}  // namespace blixard::rpc
