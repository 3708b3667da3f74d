// Identities of the scheduler. 0 names nobody.
#ifndef BLIXARD_SCHEDULER_CORE_TYPES_H_
#define BLIXARD_SCHEDULER_CORE_TYPES_H_

#include <cstdint>
#include <ostream>

namespace blixard::scheduler {

// A registered node. Ids start at 1 and stay dense: a removed node's id is given to a later one
// (Inventory says which), so an id names a node only while that node is registered.
enum class NodeId : uint32_t {};

// A placed VM. Never given twice.
enum class VmId : uint64_t {};

inline constexpr NodeId kNoNode{0};
inline constexpr VmId kNoVm{0};

inline std::ostream& operator<<(std::ostream& out, NodeId id) {
  return out << static_cast<uint32_t>(id);
}
inline std::ostream& operator<<(std::ostream& out, VmId id) {
  return out << static_cast<uint64_t>(id);
}

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_TYPES_H_
