#include "rpc/transport/peer_service.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/core/message_codec.h"

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
    const absl::Status taken = Take(frame_.messages());
    if (taken.ok()) {
      StartRead(&frame_);
      return;
    }
    LOG(ERROR) << "stream of a peer is closed: " << taken;
    Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, std::string(taken.message())));
  }

  void OnDone() override { delete this; }

 private:
  absl::Status Take(absl::string_view bytes) {
    while (!bytes.empty()) {
      memory::Pooled<raft::Message> message = raft::AcquireMessage();
      if (!message) return absl::OkStatus();  // overload: dropped, the sender repeats
      const absl::StatusOr<size_t> taken =
          raft::DecodeMessage(bytes, memory::BufferPool::Default(), *message);
      // Out of buffers is overload too, anything else is damage.
      if (absl::IsResourceExhausted(taken.status())) return absl::OkStatus();
      if (!taken.ok()) return taken.status();
      bytes.remove_prefix(*taken);
      if (message->cluster != service_.cluster_ || message->to != service_.self_) {
        return absl::InvalidArgumentError(
            absl::StrCat("message: want cluster ", static_cast<uint64_t>(service_.cluster_),
                         " and replica ", static_cast<uint64_t>(service_.self_), ", got cluster ",
                         static_cast<uint64_t>(message->cluster), " and replica ",
                         static_cast<uint64_t>(message->to)));
      }
      service_.replica_.Receive(std::move(message));
    }
    return absl::OkStatus();
  }

  PeerService& service_;
  v1::PeerFrame frame_;
  v1::PeerHello hello_;
};

grpc::ServerBidiReactor<v1::PeerFrame, v1::PeerHello>* PeerService::Exchange(
    grpc::CallbackServerContext*) {
  return new Stream(*this);
}

}  // namespace blixard::rpc
