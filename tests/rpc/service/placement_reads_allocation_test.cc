// A read of one VM allocates nothing of ours, on its way to the replica and back.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "memory_optimization/allocation_denial.h"
#include "memory_optimization/expect_allocations.h"
#include "tests/rpc/service/played_reads.h"

namespace blixard::rpc {
namespace {

using PlacementReadsAllocationTest = PlayedReads;

TEST_F(PlacementReadsAllocationTest, GetsAllocateNothingInSteadyState) {
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
