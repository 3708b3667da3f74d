#include <vector>

#include "tests/memory_optimization/schedules/protocol.h"
#include "tests/memory_optimization/schedules/scenarios.h"

namespace blixard::memory::schedules {

std::vector<Protocol> Protocols() {
  return {AllocationSitesProtocol(), CachePinProtocol(),         CountedTextProtocol(),
          EpochProtocol(),           MagazineHandOverProtocol(), MagazineStealProtocol(),
          ReferenceCountProtocol(),  SequenceLockProtocol(),     TaggedStackProtocol(),
          TextTableChainProtocol(),  TextTableGrowthProtocol()};
}

}  // namespace blixard::memory::schedules
