// The service as a program sees it, over a real socket: raw stubs, so that every status is visible.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "rpc/daemon/dev_cluster.h"
#include "rpc/proto/cluster.grpc.pb.h"
#include "rpc/proto/placement.grpc.pb.h"
#include "rpc/service/error_status.h"
#include "tests/raft/storage/volatile_directory.h"

namespace blixard::rpc {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

class PlacementServiceTest : public ::testing::Test {
 protected:
  void StartCluster(size_t replicas) {
    auto cluster =
        DevCluster::Start({.replicas = replicas, .data_directory = directory_.path()}, nullptr);
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    for (const DevCluster::Member& member : cluster_->members()) {
      auto channel = grpc::CreateChannel(member.address, grpc::InsecureChannelCredentials());
      placement_.push_back(v1::Placement::NewStub(channel));
      cluster_stubs_.push_back(v1::Cluster::NewStub(channel));
    }
    AwaitLeader();
  }

  void AwaitLeader() {
    const absl::Time deadline = absl::Now() + absl::Minutes(2);
    while (absl::Now() < deadline) {
      for (size_t i = 0; i < cluster_stubs_.size(); ++i) {
        if (Status(i).role() == v1::ROLE_LEADER) {
          leader_ = i;
          return;
        }
      }
      absl::SleepFor(absl::Milliseconds(10));
    }
    FAIL() << "no leader";
  }

  v1::ReplicaStatus Status(size_t replica) {
    grpc::ClientContext context;
    v1::ReplicaStatus status;
    const grpc::Status answer =
        cluster_stubs_[replica]->GetStatus(&context, v1::GetStatusRequest(), &status);
    EXPECT_TRUE(answer.ok()) << answer.error_message();
    return status;
  }

  v1::RequestId NextId() {
    v1::RequestId id;
    id.set_client_id(77);
    id.set_sequence(++sequence_);
    return id;
  }

  v1::RegisterNodeRequest NodeRequest(const std::string& name) {
    v1::RegisterNodeRequest request;
    *request.mutable_request_id() = NextId();
    request.set_name(name);
    request.mutable_capacity()->set_vcpu_milli(8000);
    request.mutable_capacity()->set_memory_mib(16'384);
    return request;
  }

  v1::CreateVmRequest VmRequest(const std::string& name, uint32_t vcpu_milli = 1000) {
    v1::CreateVmRequest request;
    *request.mutable_request_id() = NextId();
    request.set_name(name);
    request.mutable_resources()->set_vcpu_milli(vcpu_milli);
    request.mutable_resources()->set_memory_mib(1024);
    return request;
  }

  grpc::Status Register(const v1::RegisterNodeRequest& request,
                        v1::RegisterNodeResponse* response = nullptr) {
    grpc::ClientContext context;
    v1::RegisterNodeResponse ignored;
    return placement_[leader_]->RegisterNode(&context, request,
                                             response == nullptr ? &ignored : response);
  }

  grpc::Status Create(const v1::CreateVmRequest& request, v1::CreateVmResponse* response) {
    return CreateAt(leader_, request, response);
  }

  grpc::Status CreateAt(size_t replica, const v1::CreateVmRequest& request,
                        v1::CreateVmResponse* response) {
    grpc::ClientContext context;
    return placement_[replica]->CreateVm(&context, request, response);
  }

  v1::GetVmResponse GetAt(size_t replica, const std::string& name) {
    grpc::ClientContext context;
    v1::GetVmRequest request;
    request.set_name(name);
    v1::GetVmResponse response;
    const grpc::Status status = placement_[replica]->GetVm(&context, request, &response);
    EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::NOT_FOUND)
        << status.error_message();
    return response;
  }

  grpc::Status Delete(const std::string& name) {
    grpc::ClientContext context;
    v1::DeleteVmRequest request;
    *request.mutable_request_id() = NextId();
    request.set_name(name);
    v1::DeleteVmResponse response;
    return placement_[leader_]->DeleteVm(&context, request, &response);
  }

  grpc::Status RemoveNode(const std::string& name) {
    grpc::ClientContext context;
    v1::RemoveNodeRequest request;
    *request.mutable_request_id() = NextId();
    request.set_name(name);
    v1::RemoveNodeResponse response;
    return placement_[leader_]->RemoveNode(&context, request, &response);
  }

  VolatileDirectory directory_;
  std::unique_ptr<DevCluster> cluster_;
  std::vector<std::unique_ptr<v1::Placement::Stub>> placement_;
  std::vector<std::unique_ptr<v1::Cluster::Stub>> cluster_stubs_;
  size_t leader_ = 0;
  uint64_t sequence_ = 0;
};

TEST_F(PlacementServiceTest, VmIsPlacedShownAndDeleted) {
  StartCluster(1);
  v1::RegisterNodeResponse node;
  ASSERT_TRUE(Register(NodeRequest("n1"), &node).ok());
  v1::CreateVmResponse created;
  ASSERT_TRUE(Create(VmRequest("web"), &created).ok());
  EXPECT_EQ(created.placement().node_id(), node.node_id());

  grpc::ClientContext context;
  v1::GetVmRequest get;
  get.set_name("web");
  v1::GetVmResponse found;
  ASSERT_TRUE(placement_[0]->GetVm(&context, get, &found).ok());
  EXPECT_EQ(found.vm().vm_id(), created.placement().vm_id());
  EXPECT_EQ(found.vm().node_name(), "n1");
  EXPECT_EQ(found.vm().resources().memory_mib(), 1024u);

  EXPECT_TRUE(Delete("web").ok());
  grpc::ClientContext again;
  EXPECT_EQ(placement_[0]->GetVm(&again, get, &found).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(PlacementServiceTest, NothingFitsIsAResultWithReasons) {
  StartCluster(1);
  v1::CreateVmResponse response;
  ASSERT_TRUE(Create(VmRequest("early"), &response).ok());
  EXPECT_TRUE(response.has_no_fit());
  EXPECT_EQ(response.no_fit().nodes(), 0u);
  ASSERT_TRUE(Register(NodeRequest("n1")).ok());
  response.Clear();
  ASSERT_TRUE(Create(VmRequest("large", 8001), &response).ok());
  ASSERT_TRUE(response.has_no_fit());
  EXPECT_EQ(response.no_fit().nodes(), 1u);
  EXPECT_EQ(response.no_fit().lack_vcpu(), 1u);
  response.Clear();
  ASSERT_TRUE(Create(VmRequest("full", 8000), &response).ok());
  EXPECT_TRUE(response.has_placement());
}

TEST_F(PlacementServiceTest, BadInputNamesTheFieldAndChangesNothing) {
  StartCluster(1);
  ASSERT_TRUE(Register(NodeRequest("n1")).ok());
  const std::string digest = Status(0).state_digest();
  struct Case {
    std::string field;
    std::function<void(v1::CreateVmRequest&)> spoil;
  };
  for (const Case& c : std::vector<Case>{
           {"name", [](v1::CreateVmRequest& request) { request.clear_name(); }},
           {"name", [](v1::CreateVmRequest& request) { request.set_name("a b"); }},
           {"name", [](v1::CreateVmRequest& request) { request.set_name(std::string(64, 'x')); }},
           {"client_id",
            [](v1::CreateVmRequest& request) { request.mutable_request_id()->set_client_id(0); }},
           {"sequence",
            [](v1::CreateVmRequest& request) { request.mutable_request_id()->set_sequence(0); }},
           {"resources.vcpu_milli",
            [](v1::CreateVmRequest& request) { request.mutable_resources()->set_vcpu_milli(0); }},
           {"resources.memory_mib",
            [](v1::CreateVmRequest& request) { request.mutable_resources()->set_memory_mib(0); }},
           {"resources.disk_gib",
            [](v1::CreateVmRequest& request) {
              request.mutable_resources()->set_disk_gib(0x80000000u);
            }},
       }) {
    v1::CreateVmRequest request = VmRequest("vm");
    c.spoil(request);
    v1::CreateVmResponse response;
    const grpc::Status status = Create(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << c.field;
    EXPECT_THAT(status.error_message(), HasSubstr(c.field));
    EXPECT_THAT(status.error_message(), HasSubstr("want"));
  }
  EXPECT_EQ(Status(0).state_digest(), digest);
  v1::CreateVmResponse response;
  EXPECT_TRUE(Create(VmRequest("vm"), &response).ok()) << "the valid neighbour";
}

TEST_F(PlacementServiceTest, PageSizeBeyondTheBoundIsRefused) {
  StartCluster(1);
  for (const auto& [size, want] : std::vector<std::pair<uint32_t, grpc::StatusCode>>{
           {0, grpc::StatusCode::OK},
           {10'000, grpc::StatusCode::OK},
           {10'001, grpc::StatusCode::INVALID_ARGUMENT}}) {
    grpc::ClientContext vm_context;
    v1::ListVmsRequest vms;
    vms.set_page_size(size);
    v1::ListVmsResponse vm_page;
    EXPECT_EQ(placement_[0]->ListVms(&vm_context, vms, &vm_page).error_code(), want) << size;
    grpc::ClientContext node_context;
    v1::ListNodesRequest nodes;
    nodes.set_page_size(size);
    v1::ListNodesResponse node_page;
    EXPECT_EQ(placement_[0]->ListNodes(&node_context, nodes, &node_page).error_code(), want);
  }
}

TEST_F(PlacementServiceTest, PagesHoldEveryVmOnce) {
  StartCluster(1);
  ASSERT_TRUE(Register(NodeRequest("n1")).ok());
  for (int i = 0; i < 7; ++i) {
    v1::CreateVmResponse response;
    ASSERT_TRUE(Create(VmRequest(absl::StrCat("vm", i)), &response).ok());
  }
  std::vector<std::string> names;
  v1::ListVmsRequest request;
  request.set_page_size(3);
  int pages = 0;
  do {
    grpc::ClientContext context;
    v1::ListVmsResponse page;
    ASSERT_TRUE(placement_[0]->ListVms(&context, request, &page).ok());
    EXPECT_LE(page.vms_size(), 3);
    for (const v1::Vm& vm : page.vms()) names.push_back(vm.name());
    request.set_page_token(page.next_page_token());
    ASSERT_LT(++pages, 10);
  } while (request.page_token() != 0);
  EXPECT_THAT(names,
              ::testing::UnorderedElementsAre("vm0", "vm1", "vm2", "vm3", "vm4", "vm5", "vm6"));
}

TEST_F(PlacementServiceTest, NamesAreTakenOnceAndMustExist) {
  StartCluster(1);
  ASSERT_TRUE(Register(NodeRequest("n1")).ok());
  EXPECT_EQ(Register(NodeRequest("n1")).error_code(), grpc::StatusCode::ALREADY_EXISTS);
  v1::CreateVmResponse response;
  ASSERT_TRUE(Create(VmRequest("vm"), &response).ok());
  EXPECT_EQ(Create(VmRequest("vm"), &response).error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(Delete("other").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(RemoveNode("other").error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(PlacementServiceTest, NodeWithVmsIsNotRemoved) {
  StartCluster(1);
  ASSERT_TRUE(Register(NodeRequest("n1")).ok());
  v1::CreateVmResponse response;
  ASSERT_TRUE(Create(VmRequest("vm"), &response).ok());
  const grpc::Status refused = RemoveNode("n1");
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_FALSE(FindNotLeader(refused).has_value()) << "no redirect: asking elsewhere is no use";
  ASSERT_TRUE(Delete("vm").ok());
  EXPECT_TRUE(RemoveNode("n1").ok());
}

TEST_F(PlacementServiceTest, RepeatedRequestIdGetsTheFirstAnswer) {
  StartCluster(1);
  ASSERT_TRUE(Register(NodeRequest("n1")).ok());
  const v1::CreateVmRequest request = VmRequest("vm");
  v1::CreateVmResponse first;
  ASSERT_TRUE(Create(request, &first).ok());
  v1::CreateVmResponse repeated;
  ASSERT_TRUE(Create(request, &repeated).ok()) << "not ALREADY_EXISTS: it is the same request";
  EXPECT_EQ(repeated.placement().vm_id(), first.placement().vm_id());
  EXPECT_EQ(Status(0).vms(), 1u);
}

TEST_F(PlacementServiceTest, FollowerNamesTheLeaderInTheErrorDetails) {
  StartCluster(3);
  const size_t follower = (leader_ + 1) % 3;
  v1::CreateVmResponse response;
  grpc::Status refused;
  // A follower learns of the leader with its first heartbeat.
  for (int i = 0; i < 6000; ++i) {
    refused = CreateAt(follower, VmRequest("vm"), &response);
    ASSERT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    ASSERT_TRUE(FindNotLeader(refused).has_value());
    if (FindNotLeader(refused)->leader_id() != 0) break;
    absl::SleepFor(absl::Milliseconds(20));
  }
  const v1::NotLeader not_leader = *FindNotLeader(refused);
  EXPECT_EQ(not_leader.leader_id(), leader_ + 1);
  EXPECT_EQ(not_leader.leader_address(), cluster_->members()[leader_].address);
  EXPECT_THAT(refused.error_message(), HasSubstr(not_leader.leader_address()));
  EXPECT_EQ(Status(leader_).vms(), 0u);
}

TEST_F(PlacementServiceTest, EveryReplicaShowsAWriteAsSoonAsItIsAnswered) {
  StartCluster(3);
  ASSERT_TRUE(Register(NodeRequest("n1")).ok());
  for (int i = 0; i < 30; ++i) {
    const std::string name = absl::StrCat("vm", i % 4);
    v1::CreateVmResponse created;
    ASSERT_TRUE(Create(VmRequest(name), &created).ok());
    for (size_t replica = 0; replica < 3; ++replica) {
      EXPECT_EQ(GetAt(replica, name).vm().vm_id(), created.placement().vm_id()) << "round " << i;
    }
    ASSERT_TRUE(Delete(name).ok());
    for (size_t replica = 0; replica < 3; ++replica) EXPECT_FALSE(GetAt(replica, name).has_vm());
  }
}

TEST_F(PlacementServiceTest, AStoppedReplicaAnswersEveryReadOnce) {
  StartCluster(3);
  ASSERT_TRUE(Register(NodeRequest("n1")).ok());
  struct Read {
    grpc::ClientContext context;
    v1::ListNodesRequest request;
    v1::ListNodesResponse response;
    std::promise<grpc::Status> answer;
  };
  std::deque<Read> reads(300);
  for (Read& read : reads) {
    placement_[leader_]->async()->ListNodes(
        &read.context, &read.request, &read.response,
        [&read](grpc::Status status) { read.answer.set_value(std::move(status)); });
  }
  cluster_->Stop();
  for (Read& read : reads) {
    const grpc::Status status = read.answer.get_future().get();
    if (status.ok()) {
      EXPECT_EQ(read.response.nodes_size(), 1);
    } else {  // CANCELLED: it came when the server was already closing
      EXPECT_THAT(status.error_code(),
                  AnyOf(grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::CANCELLED))
          << status.error_message();
    }
  }
}

TEST_F(PlacementServiceTest, StatusShowsPeersPoolsDiskAndLatencies) {
  StartCluster(3);
  const v1::ReplicaStatus status = Status(leader_);
  EXPECT_EQ(status.replica_id(), leader_ + 1);
  EXPECT_EQ(status.leader_id(), leader_ + 1);
  EXPECT_EQ(status.peers_size(), 2);
  EXPECT_EQ(status.state_digest().size(), 32u);
  EXPECT_GT(status.pools_size(), 0);
  EXPECT_EQ(status.members().voters_size(), 3);
  EXPECT_GT(status.disk().free_bytes(), 0u);
  EXPECT_EQ(status.disk().log_bytes(), status.disk().log_files() * (16u << 20));
  EXPECT_EQ(status.first_index(), 1u);
  ASSERT_EQ(status.latencies_size(), 6);
  EXPECT_EQ(status.latencies(0).stage(), "queue");
  for (const v1::PeerProgress& peer : status.peers()) EXPECT_TRUE(peer.is_voter());
}

}  // namespace
}  // namespace blixard::rpc
