// Reads between gRPC and the replica, with both of them played by the test.
#include "rpc/service/placement_reads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "memory_optimization/allocation_denial.h"
#include "memory_optimization/expect_allocations.h"
#include "raft/runtime/state_machine.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::rpc {
namespace {

using ::testing::HasSubstr;

constexpr char kName[] = "a-name-that-is-longer-than-a-string-object-itself";

class IgnoredOutcomes : public raft::OutcomeSink {
  void Set(size_t, absl::string_view) override {}
};

// A unary call as gRPC's server has it: takes the answer.
class PlayedCall : public grpc::ServerCallbackUnary {
 public:
  PlayedCall() { BindReactor(&reactor_); }

  void Finish(grpc::Status status) override {
    EXPECT_EQ(++finished_, 1) << "a call is answered once";
    status_ = std::move(status);
    done_.set_value();
  }
  void SendInitialMetadata() override {}

  grpc::ServerUnaryReactor* reactor() override { return &reactor_; }
  bool answered() const { return finished_ > 0; }
  void Await() { done_.get_future().wait(); }
  const grpc::Status& status() const { return status_; }

 private:
  struct Reactor : public grpc::ServerUnaryReactor {
    void OnDone() override {}
  };
  void CallOnDone() override {}

  Reactor reactor_;
  int finished_ = 0;
  grpc::Status status_;
  std::promise<void> done_;
};

class PlacementReadsTest : public ::testing::Test {
 protected:
  PlacementReadsTest() {
    asked_.reserve(16);
    Apply(1, {scheduler::RegisterNode(1, "n1"), scheduler::CreateVm(2, kName)});
  }

  void Apply(uint64_t index, std::initializer_list<scheduler::Command> commands) {
    IgnoredOutcomes sink;
    const memory::Buffer payload = scheduler::PayloadOf(commands);
    state_.Apply({.term = {1}, .index = {index}}, payload.view(), sink);
  }

  // As the replica tells of the oldest read that was asked for.
  void EndOldest(raft::ReadEnd end) {
    ASSERT_FALSE(asked_.empty());
    const raft::ReadRequest read = asked_.front();
    asked_.erase(asked_.begin());
    read.listener->OnReadEnd(read.token, end, raft::LogIndex{1});
  }

  static v1::GetVmRequest Get(const std::string& name) {
    v1::GetVmRequest request;
    request.set_name(name);
    return request;
  }

  scheduler::PlacementStateMachine state_{scheduler::PlacementOptions{}};
  absl::Status ask_answer_ = absl::OkStatus();
  std::vector<raft::ReadRequest> asked_;
  PlacementReads reads_{[this](const raft::ReadRequest& read) {
                          if (ask_answer_.ok()) asked_.push_back(read);
                          return ask_answer_;
                        },
                        state_};
};

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

TEST_F(PlacementReadsTest, GetsAllocateNothingInSteadyState) {
  constexpr int kReads = 100;
  v1::GetVmRequest request = Get(kName);
  v1::GetVmResponse response;
  std::vector<std::unique_ptr<PlayedCall>> calls;
  for (int i = 0; i < 3 * kReads; ++i) calls.push_back(std::make_unique<PlayedCall>());
  size_t used = 0;
  const auto read = [&](v1::Consistency consistency) {
    request.set_consistency(consistency);
    response.Clear();
    reads_.Start(request, calls[used++]->reactor(), &response);
    if (consistency == v1::CONSISTENCY_LINEARIZABLE) EndOldest(raft::ReadEnd::kReady);
  };
  for (int i = 0; i < kReads; ++i) read(v1::CONSISTENCY_LINEARIZABLE);
  EXPECT_ALLOCATIONS(0, {
    const memory::DenyAllocations denied("a read of one VM");
    for (int i = 0; i < kReads; ++i) read(v1::CONSISTENCY_LINEARIZABLE);
    for (int i = 0; i < kReads; ++i) read(v1::CONSISTENCY_STALE);
  });
  EXPECT_EQ(response.vm().name(), kName);
}

}  // namespace
}  // namespace blixard::rpc
