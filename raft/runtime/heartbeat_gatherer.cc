#include "raft/runtime/heartbeat_gatherer.h"

namespace blixard::raft {

bool HeartbeatGatherer::Add(const Message& message, TimePoint now) {
  if (message.from != options_.self || !HeartbeatBundle::CanCarry(message)) return false;
  HeartbeatBundle* const bundle = BundleTo(message.to);
  if (bundle == nullptr) return false;
  if (bundle->full()) {
    Send(message.to, *bundle);
    wire_.Flush();
  }
  bundle->Add(message);
  ++(message.type == MessageType::kHeartbeat ? counters_.heartbeats : counters_.replies);
  if (!due_.has_value()) due_ = now + options_.window;
  return true;
}

void HeartbeatGatherer::Flush() {
  if (!due_.has_value()) return;
  due_.reset();
  for (auto& [peer, bundle] : bundles_) {
    if (!bundle.empty()) Send(peer, bundle);
  }
  wire_.Flush();
}

HeartbeatBundle* HeartbeatGatherer::BundleTo(ReplicaId peer) {
  if (const auto found = bundles_.find(peer); found != bundles_.end()) return &found->second;
  if (bundles_.size() == kMaxPeers) return nullptr;
  const HeartbeatBundle::Route route{.from = options_.self, .to = peer};
  return &bundles_.try_emplace(peer, route, options_.max_bundle_bytes).first->second;
}

void HeartbeatGatherer::Send(ReplicaId peer, HeartbeatBundle& bundle) {
  wire_.SendFrame(peer, bundle.Seal());
  bundle.Clear();
  ++counters_.bundles;
}

}  // namespace blixard::raft
