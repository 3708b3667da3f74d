// The links between simulated replicas and clients: who reaches whom, how fast, and what gets lost.
#ifndef BLIXARD_TESTS_SIMULATION_VIRTUAL_NETWORK_H_
#define BLIXARD_TESTS_SIMULATION_VIRTUAL_NETWORK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "raft/core/split_mix.h"
#include "tests/simulation/event_queue.h"

namespace blixard::raft {

// Replicas count from 0, and clients go on where they end.
struct Link {
  uint32_t from = 0;
  uint32_t to = 0;
};

// A message arrives once, twice or never; each time after its own delay, so messages overtake each
// other. What faults did to it is told besides.
struct Deliveries {
  std::array<VirtualTime, 2> delays = {};
  size_t count = 0;
  bool cut = false;      // nothing arrives: the link does not carry anything now
  bool dropped = false;  // nothing arrives: this one is lost
  bool slowed = false;   // the link is slower than usual
};

class VirtualNetwork {
 public:
  VirtualNetwork(uint32_t size, uint64_t seed);

  uint32_t size() const { return size_; }  // everybody on it

  Deliveries Route(Link link);

  // Faults overlap, so each is counted; every cut and slowdown is taken back by its counterpart.
  void Cut(Link link) { ++links_[Place(link)].cuts; }
  void Mend(Link link) { --links_[Place(link)].cuts; }
  void SlowDown(Link link, VirtualTime by) { links_[Place(link)].slower += by; }
  bool Reaches(Link link) const { return links_[Place(link)].cuts == 0; }
  void AddDrops(int64_t permille) { drop_permille_ += permille; }
  void AddDuplicates(int64_t permille) { duplicate_permille_ += permille; }
  void AddJitter(VirtualTime jitter) { jitter_ += jitter; }

  // Everything works again.
  void Heal();

 private:
  struct LinkState {
    int32_t cuts = 0;
    VirtualTime slower = 0;
    VirtualTime base = 0;  // of this link, for ever
  };

  size_t Place(Link link) const { return size_t{link.from} * size_ + link.to; }
  VirtualTime DrawDelay(const LinkState& link);

  const uint32_t size_;
  SplitMix random_;
  std::vector<LinkState> links_;
  int64_t drop_permille_ = 0;
  int64_t duplicate_permille_ = 0;
  VirtualTime jitter_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_VIRTUAL_NETWORK_H_
