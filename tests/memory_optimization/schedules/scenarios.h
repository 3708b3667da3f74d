// The protocols, one function each; Protocols() in protocol.h lists them.
#ifndef BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_SCENARIOS_H_
#define BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_SCENARIOS_H_

#include "tests/memory_optimization/schedules/protocol.h"

namespace blixard::memory::schedules {

Protocol AllocationSitesProtocol();   // allocation_site_table.h
Protocol CachePinProtocol();          // arc_cache_pin_protocol.h
Protocol CountedTextProtocol();       // live_count.h
Protocol EpochProtocol();             // epoch_counters.h
Protocol MagazineHandOverProtocol();  // magazine_slots.h
Protocol MagazineStealProtocol();
Protocol ReferenceCountProtocol();  // reference_count.h
Protocol TaggedStackProtocol();     // our own, to see what the explorer finds
Protocol SequenceLockProtocol();
Protocol TextTableChainProtocol();  // text_buckets.h
Protocol TextTableGrowthProtocol();

}  // namespace blixard::memory::schedules

#endif  // BLIXARD_TESTS_MEMORY_OPTIMIZATION_SCHEDULES_SCENARIOS_H_
