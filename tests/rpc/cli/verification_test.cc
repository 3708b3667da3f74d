#include "rpc/cli/verification.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace blixard::rpc {
namespace {

using scheduler::traces::Trace;

// Two VMs placed, one deleted, one rejected, one whose fate nobody knows.
struct Setting {
  Trace trace;
  std::vector<ReplayedVm> acknowledged;
  std::vector<ReplicaContent> replicas;
};

v1::Vm MakeVm(const std::string& name, uint64_t vm_id, uint32_t node_id) {
  v1::Vm vm;
  vm.set_name(name);
  vm.set_vm_id(vm_id);
  vm.set_node_id(node_id);
  vm.mutable_resources()->set_vcpu_milli(1000);
  vm.mutable_resources()->set_memory_mib(1024);
  return vm;
}

Setting MakeSetting() {
  Setting setting;
  for (const char* name : {"a", "b", "deleted", "rejected", "unknown"}) {
    setting.trace.vms.push_back(
        {.name = name, .resources = {.vcpu_milli = 1000, .memory_mib = 1024}});
  }
  setting.acknowledged = {{.fate = VmFate::kPlaced, .vm_id = 1, .node_id = 1},
                          {.fate = VmFate::kPlaced, .vm_id = 2, .node_id = 1},
                          {.fate = VmFate::kDeleted},
                          {.fate = VmFate::kRejected},
                          {.fate = VmFate::kUnknown}};
  v1::Node node;
  node.set_node_id(1);
  node.mutable_capacity()->set_vcpu_milli(3000);
  node.mutable_capacity()->set_memory_mib(4096);
  ReplicaContent replica;
  replica.status.set_state_index(9);
  replica.status.set_state_digest("same");
  replica.nodes = {node};
  replica.vms = {MakeVm("a", 1, 1), MakeVm("b", 2, 1)};
  setting.replicas = {replica, replica, replica};
  return setting;
}

Verdict Judge(const Setting& setting) {
  return Verify(setting.trace, setting.acknowledged, setting.replicas);
}

TEST(VerificationTest, WhatWasAcknowledgedAndIsThereIsClean) {
  EXPECT_TRUE(Judge(MakeSetting()).clean());
}

TEST(VerificationTest, UnknownFateMayBeThereOrNot) {
  Setting setting = MakeSetting();
  for (ReplicaContent& replica : setting.replicas) replica.vms.push_back(MakeVm("unknown", 3, 1));
  EXPECT_TRUE(Judge(setting).clean());
}

TEST(VerificationTest, EveryFaultOnOneReplicaIsFound) {
  struct Case {
    std::string name;
    std::function<void(ReplicaContent&)> spoil;
    std::function<bool(const Verdict&)> found;
  };
  for (const Case& c : std::vector<Case>{
           {"lost", [](ReplicaContent& replica) { replica.vms.pop_back(); },
            [](const Verdict& verdict) { return verdict.vms_lost == 1; }},
           {"doubled", [](ReplicaContent& replica) { replica.vms.push_back(MakeVm("a", 1, 1)); },
            [](const Verdict& verdict) { return verdict.vms_duplicated == 1; }},
           {"back from the dead",
            [](ReplicaContent& replica) { replica.vms.push_back(MakeVm("deleted", 3, 1)); },
            [](const Verdict& verdict) { return verdict.vms_duplicated == 1; }},
           {"rejected but there",
            [](ReplicaContent& replica) { replica.vms.push_back(MakeVm("rejected", 3, 1)); },
            [](const Verdict& verdict) { return verdict.vms_duplicated == 1; }},
           {"another id", [](ReplicaContent& replica) { replica.vms[0].set_vm_id(7); },
            [](const Verdict& verdict) { return verdict.vms_misplaced == 1; }},
           {"another size",
            [](ReplicaContent& replica) { replica.vms[0].mutable_resources()->set_memory_mib(1); },
            [](const Verdict& verdict) { return verdict.vms_misplaced == 1; }},
           {"a node that does not exist",
            [](ReplicaContent& replica) { replica.vms[0].set_node_id(8); },
            [](const Verdict& verdict) {
              return verdict.vms_misplaced == 1 && verdict.nodes_overcommitted == 1;
            }},
           {"too small a node",
            [](ReplicaContent& replica) {
              replica.nodes[0].mutable_capacity()->set_vcpu_milli(1999);
            },
            [](const Verdict& verdict) { return verdict.nodes_overcommitted == 1; }},
           {"another digest", [](ReplicaContent& replica) { replica.status.set_state_digest("x"); },
            [](const Verdict& verdict) { return !verdict.digests_equal; }},
           {"another index", [](ReplicaContent& replica) { replica.status.set_state_index(8); },
            [](const Verdict& verdict) { return !verdict.digests_equal; }},
       }) {
    for (size_t replica = 0; replica < 3; ++replica) {
      Setting setting = MakeSetting();
      c.spoil(setting.replicas[replica]);
      const Verdict verdict = Judge(setting);
      EXPECT_TRUE(c.found(verdict)) << c.name << " on replica " << replica;
      EXPECT_FALSE(verdict.clean()) << c.name;
    }
  }
}

TEST(VerificationTest, NoReplicasAreNotEqual) {
  Setting setting = MakeSetting();
  setting.replicas.clear();
  EXPECT_FALSE(Judge(setting).clean());
}

}  // namespace
}  // namespace blixard::rpc
