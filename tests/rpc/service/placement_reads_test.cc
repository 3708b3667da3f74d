#include "rpc/service/placement_reads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/rpc/service/played_reads.h"

namespace blixard::rpc {
namespace {

using ::testing::HasSubstr;

using PlacementReadsTest = PlayedReads;

TEST_F(PlacementReadsTest, GetWaitsForTheReplicaAndShowsWhatWasAppliedMeanwhile) {
  PlayedCall call;
  const v1::GetVmRequest request = Get("later");
  v1::GetVmResponse response;
  reads_.Start(request, call.reactor(), &response);
  EXPECT_FALSE(call.answered());
  Apply(2, {scheduler::CreateVm(3, "later")});
  EndOldest(raft::ReadEnd::kReady);
  ASSERT_TRUE(call.answered()) << "a lone short read is answered where it is told of";
  EXPECT_TRUE(call.status().ok()) << call.status().error_message();
  EXPECT_EQ(response.vm().name(), "later");
  EXPECT_EQ(response.applied_index(), 2u);
  EXPECT_EQ(response.consistency(), v1::CONSISTENCY_LINEARIZABLE);
}

TEST_F(PlacementReadsTest, AStaleReadAsksNobody) {
  PlayedCall call;
  v1::GetVmRequest request = Get(kName);
  request.set_consistency(v1::CONSISTENCY_STALE);
  v1::GetVmResponse response;
  reads_.Start(request, call.reactor(), &response);
  ASSERT_TRUE(call.answered());
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(response.vm().node_name(), "n1");
  EXPECT_EQ(response.consistency(), v1::CONSISTENCY_STALE);
}

TEST_F(PlacementReadsTest, WhatNoLeaderConfirmedIsUnavailableAndSaysWhatToDo) {
  PlayedCall call;
  const v1::GetVmRequest request = Get(kName);
  v1::GetVmResponse response;
  reads_.Start(request, call.reactor(), &response);
  EndOldest(raft::ReadEnd::kRefused);
  call.Await();
  EXPECT_EQ(call.status().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(call.status().error_message(), HasSubstr("another replica"));
  EXPECT_FALSE(response.has_vm());
}

TEST_F(PlacementReadsTest, WhatTheReplicaDoesNotTakeIsAnsweredAtOnce) {
  for (const auto& [refused, want] : std::vector<std::pair<absl::Status, grpc::StatusCode>>{
           {absl::UnavailableError("this replica has stopped"), grpc::StatusCode::UNAVAILABLE},
           {absl::ResourceExhaustedError("read queue"), grpc::StatusCode::RESOURCE_EXHAUSTED}}) {
    ask_answer_ = refused;
    PlayedCall call;
    const v1::ListNodesRequest request;
    v1::ListNodesResponse response;
    reads_.Start(request, call.reactor(), &response);
    ASSERT_TRUE(call.answered());
    EXPECT_EQ(call.status().error_code(), want);
    EXPECT_THAT(call.status().error_message(), HasSubstr(std::string(refused.message())));
  }
}

TEST_F(PlacementReadsTest, BadInputIsRefusedBeforeAnybodyIsAsked) {
  v1::GetVmRequest unnamed;
  v1::GetVmRequest inconsistent = Get(kName);
  inconsistent.set_consistency(static_cast<v1::Consistency>(2));
  for (const v1::GetVmRequest& request : {unnamed, inconsistent}) {
    PlayedCall call;
    v1::GetVmResponse response;
    reads_.Start(request, call.reactor(), &response);
    ASSERT_TRUE(call.answered());
    EXPECT_EQ(call.status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(call.status().error_message(), HasSubstr("want"));
  }
  PlayedCall call;
  v1::ListVmsRequest large;
  large.set_page_size(10'001);
  v1::ListVmsResponse page;
  reads_.Start(large, call.reactor(), &page);
  EXPECT_EQ(call.status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(PlacementReadsTest, ReadsThatEndTogetherAreEachAnsweredOnce) {
  std::vector<std::unique_ptr<PlayedCall>> calls;
  const v1::GetVmRequest get = Get(kName);
  const v1::ListVmsRequest list;
  std::vector<v1::GetVmResponse> found(3);
  v1::ListVmsResponse page;
  for (v1::GetVmResponse& response : found) {
    calls.push_back(std::make_unique<PlayedCall>());
    reads_.Start(get, calls.back()->reactor(), &response);
  }
  calls.push_back(std::make_unique<PlayedCall>());
  reads_.Start(list, calls.back()->reactor(), &page);
  EndOldest(raft::ReadEnd::kReady);
  EndOldest(raft::ReadEnd::kRefused);
  EndOldest(raft::ReadEnd::kReady);
  EndOldest(raft::ReadEnd::kReady);
  for (const auto& call : calls) call->Await();
  EXPECT_TRUE(calls[0]->status().ok() && calls[2]->status().ok() && calls[3]->status().ok());
  EXPECT_EQ(calls[1]->status().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(found[0].vm().name(), kName);
  EXPECT_EQ(page.vms_size(), 1);
}

}  // namespace
}  // namespace blixard::rpc
