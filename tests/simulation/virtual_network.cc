#include "tests/simulation/virtual_network.h"

namespace blixard::raft {

VirtualNetwork::VirtualNetwork(uint32_t size, uint64_t seed)
    : size_(size), random_(seed), links_(size_t{size} * size) {
  for (LinkState& link : links_) {
    link.base = (50 + static_cast<VirtualTime>(random_.Below(1500))) * kMicrosecond;
  }
}

// Most messages take about the link's usual time, some far longer.
VirtualTime VirtualNetwork::DrawDelay(const LinkState& link) {
  const auto below = [this](VirtualTime bound) {
    return static_cast<VirtualTime>(random_.Below(static_cast<uint64_t>(bound)));
  };
  VirtualTime delay = link.base + link.slower + below(link.base);
  if (random_.Below(64) == 0) delay += below(20 * kMillisecond);
  if (jitter_ > 0) delay += below(jitter_);
  return delay;
}

Deliveries VirtualNetwork::Route(Link link) {
  const LinkState& state = links_[Place(link)];
  if (state.cuts > 0) return {.cut = true};
  const auto drawn = static_cast<int64_t>(random_.Below(1000));
  if (drawn < drop_permille_) return {.dropped = true};
  Deliveries deliveries{.slowed = state.slower > 0};
  deliveries.delays[deliveries.count++] = DrawDelay(state);
  if (static_cast<int64_t>(random_.Below(1000)) < duplicate_permille_) {
    deliveries.delays[deliveries.count++] = DrawDelay(state);
  }
  return deliveries;
}

void VirtualNetwork::Heal() {
  for (LinkState& link : links_) link = {.base = link.base};
  drop_permille_ = duplicate_permille_ = 0;
  jitter_ = 0;
}

}  // namespace blixard::raft
