#include "rpc/transport/peer_service.h"

#include <glog/logging.h>

#include <string>

#include "absl/status/status.h"

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

grpc::ServerBidiReactor<v1::PeerFrame, v1::PeerHello>* PeerService::Exchange(
    grpc::CallbackServerContext*) {
  return new Stream(*this);
}

}  // namespace blixard::rpc
