// The real trace through three processes. Skipped where the traces are not at hand.
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "scheduler/traces/azure_packing.h"
#include "scheduler/traces/uniform_nodes.h"
#include "tests/integration/cluster_processes.h"

namespace blixard::rpc {
namespace {

using scheduler::traces::ReadAzurePacking;
using scheduler::traces::Trace;
using scheduler::traces::UniformNodes;

using AzureReplayTest = ClusterProcesses;

TEST_F(AzureReplayTest, TwentyThousandVmsAreEqualOnAllReplicas) {
  const char* const traces = std::getenv("BLIXARD_TRACES");
  const std::string path =
      absl::StrCat(traces == nullptr ? "" : traces, "/azure-packing/bernoulli_0.csv");
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "needs the public traces: set BLIXARD_TRACES to their folder";
  }
  auto vms = ReadAzurePacking(path);
  ASSERT_TRUE(vms.ok()) << vms.status();
  ASSERT_GE(vms->size(), 20'000u);
  vms->resize(20'000);
  const Trace trace{
      .nodes = UniformNodes(1460, {.vcpu_milli = 48'000, .memory_mib = 768 * 1024, .disk_gib = 0}),
      .vms = *std::move(vms)};
  const ReplayLog log = Replay(trace, [](double) {});
  // 346 of these VMs are larger than a whole node; for all others the fleet has room.
  EXPECT_EQ(log.rejected[static_cast<size_t>(RejectReason::kTooLarge)], 346u);
  EXPECT_EQ(log.placed, 20'000u - 346u);
  ExpectNothingLostOrDoubled(trace, log);
}

}  // namespace
}  // namespace blixard::rpc
