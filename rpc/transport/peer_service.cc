#include "rpc/transport/peer_service.h"

#include <glog/logging.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "rpc/transport/introduction.h"

namespace blixard::rpc {

// One peer's stream; deletes itself when gRPC is done with it.
class PeerService::Stream : public grpc::ServerBidiReactor<v1::PeerFrame, v1::PeerHello> {
 public:
  explicit Stream(PeerService& service) : service_(service) {
    hello_.set_cluster_id(static_cast<uint64_t>(service.cluster_));
    hello_.set_replica_id(static_cast<uint64_t>(service.self_));
    StartWrite(&hello_);
    StartRead(&frame_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    const absl::Status taken = service_.intake_.Take(frame_.messages());
    if (taken.ok()) {
      StartRead(&frame_);
      return;
    }
    LOG(ERROR) << "stream of a peer is closed: " << taken;
    Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, std::string(taken.message())));
  }

  void OnDone() override { delete this; }

 private:
  PeerService& service_;
  v1::PeerFrame frame_;
  v1::PeerHello hello_;
};

void PeerService::HearIntroduction(const grpc::CallbackServerContext& context) const {
  if (on_peer_ == nullptr) return;
  const auto find = [&](const char* key) {
    const auto found = context.client_metadata().find(key);
    return found == context.client_metadata().end()
               ? absl::string_view()
               : absl::string_view(found->second.data(), found->second.size());
  };
  uint64_t cluster = 0, replica = 0;
  if (!absl::SimpleAtoi(find(kClusterKey), &cluster) || raft::ClusterId{cluster} != cluster_)
    return;
  if (!absl::SimpleAtoi(find(kReplicaKey), &replica)) return;
  on_peer_(raft::ReplicaId{replica}, find(kAddressKey));
}

grpc::ServerBidiReactor<v1::PeerFrame, v1::PeerHello>* PeerService::Exchange(
    grpc::CallbackServerContext* context) {
  HearIntroduction(*context);
  return new Stream(*this);
}

}  // namespace blixard::rpc
