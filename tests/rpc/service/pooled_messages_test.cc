#include "rpc/service/pooled_messages.h"

#include <gtest/gtest.h>

#include <string>

#include "memory_optimization/expect_allocations.h"
#include "rpc/proto/placement.pb.h"

namespace blixard::rpc {
namespace {

using CreateVmMessages = PooledMessages<v1::CreateVmRequest, v1::CreateVmResponse>;
using RegisterNodeMessages = PooledMessages<v1::RegisterNodeRequest, v1::RegisterNodeResponse>;

std::string CreateVmBytes(size_t name_bytes) {
  v1::CreateVmRequest request;
  request.mutable_request_id()->set_client_id(7);
  request.mutable_request_id()->set_sequence(1);
  request.set_name(std::string(name_bytes, 'n'));
  request.mutable_resources()->set_vcpu_milli(1000);
  request.mutable_resources()->set_memory_mib(1024);
  return request.SerializeAsString();
}

TEST(PooledMessagesTest, ARequestComesBackCleared) {
  CreateVmMessages messages("cleared");
  const v1::CreateVmRequest* first = nullptr;
  {
    auto* holder = messages.AllocateMessages();
    ASSERT_TRUE(holder->request()->ParseFromString(CreateVmBytes(40)));
    holder->response()->mutable_placement()->set_vm_id(9);
    first = holder->request();
    holder->Release();
  }
  auto* holder = messages.AllocateMessages();
  EXPECT_EQ(holder->request(), first);
  EXPECT_EQ(holder->request()->ByteSizeLong(), 0u);
  EXPECT_EQ(holder->response()->ByteSizeLong(), 0u);
  holder->Release();
}

TEST(PooledMessagesTest, AHotRequestAllocatesNothingInSteadyState) {
  CreateVmMessages messages("hot");
  const std::string longest = CreateVmBytes(60);
  const std::string shorter = CreateVmBytes(40);
  const auto serve = [&messages](const std::string& bytes) {
    auto* holder = messages.AllocateMessages();
    EXPECT_TRUE(holder->request()->ParseFromString(bytes));
    holder->Release();
  };
  serve(longest);
  EXPECT_ALLOCATIONS(0, {
    serve(shorter);
    serve(longest);
  });
}

TEST(PooledMessagesTest, AnAnswerOfNumbersAllocatesNothingInSteadyState) {
  RegisterNodeMessages messages("answers");
  std::string wire;
  const auto answer = [&] {
    auto* holder = messages.AllocateMessages();
    holder->response()->set_node_id(300);
    EXPECT_TRUE(holder->response()->SerializeToString(&wire));
    holder->Release();
  };
  answer();
  EXPECT_ALLOCATIONS(0, { answer(); });
}

}  // namespace
}  // namespace blixard::rpc
