// Reads of the placement service with gRPC and the replica played by the test.
#ifndef BLIXARD_TESTS_RPC_SERVICE_PLAYED_READS_H_
#define BLIXARD_TESTS_RPC_SERVICE_PLAYED_READS_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/types.h"
#include "raft/runtime/read_listener.h"
#include "raft/runtime/state_machine.h"
#include "rpc/proto/placement.pb.h"
#include "rpc/service/placement_reads.h"
#include "scheduler/replicated/command.h"
#include "scheduler/replicated/placement_state_machine.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::rpc {

inline constexpr char kName[] = "a-name-that-is-longer-than-a-string-object-itself";

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

class PlayedReads : public ::testing::Test {
 protected:
  PlayedReads() {
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

}  // namespace blixard::rpc

#endif  // BLIXARD_TESTS_RPC_SERVICE_PLAYED_READS_H_
