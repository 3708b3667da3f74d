#include "rpc/transport/grpc_transport.h"

#include <glog/logging.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <shared_mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/object_pool.h"
#include "rpc/transport/peer_service.h"
#include "rpc/transport/peer_transport.h"

namespace blixard::rpc {
namespace {

// Between the callbacks of gRPC, which begin before there is a receiver, and the receiver.
class Gate : public raft::MessageReceiver {
 public:
  // Nobody is inside the earlier receiver once this has returned; null closes the gate.
  void Open(raft::MessageReceiver* receiver) {
    const std::lock_guard lock(mutex_);
    receiver_ = receiver;
  }

  absl::Status CheckAddress(const raft::Message& message) const override {
    const std::shared_lock lock(mutex_);
    return receiver_ == nullptr ? absl::OkStatus() : receiver_->CheckAddress(message);
  }
  void Receive(memory::Pooled<raft::Message> message) override {
    const std::shared_lock lock(mutex_);
    if (receiver_ != nullptr) receiver_->Receive(std::move(message));
  }
  void Deliver(memory::Pooled<raft::Message> message) override { Receive(std::move(message)); }
  void CarryOut() override {}  // no thread is lent
  void ReceiveFrame(absl::string_view frame) override {
    const std::shared_lock lock(mutex_);
    if (receiver_ != nullptr) receiver_->ReceiveFrame(frame);
  }
  void ReportDropped() override {
    const std::shared_lock lock(mutex_);
    if (receiver_ != nullptr) receiver_->ReportDropped();
  }
  void ReportUnreachable(raft::ReplicaId peer) override {
    const std::shared_lock lock(mutex_);
    if (receiver_ != nullptr) receiver_->ReportUnreachable(peer);
  }

 private:
  mutable std::shared_mutex mutex_;
  raft::MessageReceiver* receiver_ = nullptr;  // guarded by mutex_
};

}  // namespace

// Each uses only what stands above it.
struct GrpcTransport::Parts {
  explicit Parts(const GrpcTransportOptions& options)
      : links(options.cluster, options.self, options.addresses,
              [this](raft::ReplicaId peer) { gate.ReportUnreachable(peer); }),
        service(options.cluster, options.self, gate,
                [this](raft::ReplicaId peer, absl::string_view address) {
                  links.Learn(peer, address);
                }) {}

  Gate gate;
  PeerTransport links;
  PeerService service;
  std::unique_ptr<grpc::Server> server;
};

absl::StatusOr<std::unique_ptr<GrpcTransport>> GrpcTransport::Listen(
    const GrpcTransportOptions& options) {
  const auto self = options.addresses.find(options.self);
  if (self == options.addresses.end()) {
    return absl::InvalidArgumentError(absl::StrCat("addresses: want one for replica ",
                                                   static_cast<uint64_t>(options.self),
                                                   " itself, got none"));
  }
  auto parts = std::make_unique<Parts>(options);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(self->second, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Peers ask every ten seconds whether a silent connection still stands (channel.cc).
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  builder.RegisterService(&parts->service);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat(
        "addresses: want an address of this machine with a free port, got ", self->second));
  }
  return std::unique_ptr<GrpcTransport>(new GrpcTransport(std::move(parts)));
}

GrpcTransport::GrpcTransport(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

GrpcTransport::~GrpcTransport() { Stop(); }

void GrpcTransport::Serve(raft::MessageReceiver& receiver) { parts_->gate.Open(&receiver); }

// Streams of peers do not end by themselves.
void GrpcTransport::Stop() {
  parts_->gate.Open(nullptr);
  parts_->server->Shutdown(std::chrono::system_clock::now());
}

void GrpcTransport::Send(const raft::Message& message) { parts_->links.Send(message); }

void GrpcTransport::SendFrame(raft::ReplicaId to, absl::string_view frame) {
  parts_->links.SendFrame(to, frame);
}

void GrpcTransport::Flush() { parts_->links.Flush(); }

void GrpcTransport::SetMembers(const raft::Configuration& members) {
  parts_->links.SetMembers(members);
}

raft::TransportCounters GrpcTransport::counters() const { return parts_->links.counters(); }

size_t GrpcTransport::WaitingBytes(raft::ReplicaId peer) const {
  return parts_->links.WaitingBytes(peer);
}

}  // namespace blixard::rpc
