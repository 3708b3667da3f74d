// The three subjects of the before/after table, each done in two ways: as one writes it at first,
// with new objects, strings, maps and protobuf messages for every use, and with this project's own
// code. Both ways do the same work on the same names and sizes.
#ifndef BLIXARD_BENCH_ALLOCATIONS_SUBJECTS_H_
#define BLIXARD_BENCH_ALLOCATIONS_SUBJECTS_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace blixard::bench {

inline constexpr size_t kProposals = 1'000;
inline constexpr size_t kVms = 100;
inline constexpr size_t kNodes = 50;
inline constexpr size_t kBatchEntries = 100;

// Longer than what std::string keeps inside itself, as real names are.
std::string VmName(size_t i);
std::string NodeName(size_t i);

// Allocations of the calling thread while the work was done once. Objects are made, used and given
// back; the containers that hold them for the measurement have room beforehand.
uint64_t CountNaiveProposals();
uint64_t CountPooledProposals();
uint64_t CountNaiveScheduling();
uint64_t CountPooledScheduling();
uint64_t CountNaiveSerialization();
uint64_t CountPooledSerialization();

// What the tables of a replica take when kVms VMs come for the first time: the stored state itself.
uint64_t CountStoredState();

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_ALLOCATIONS_SUBJECTS_H_
