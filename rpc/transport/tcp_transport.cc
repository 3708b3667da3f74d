#include "rpc/transport/tcp_transport.h"

#include <glog/logging.h>
#include <sys/epoll.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

constexpr auto kRetryInterval = std::chrono::milliseconds(50);
constexpr auto kForever = std::chrono::milliseconds(-1);

}  // namespace

class TcpTransport::Acceptor : public SocketListener {
 public:
  explicit Acceptor(TcpTransport& owner) : owner_(owner) {}
  void OnSocketEvents(uint32_t) override { owner_.AcceptAll(); }

 private:
  TcpTransport& owner_;
};

class TcpTransport::Stream : public SocketListener {
 public:
  Stream(TcpTransport& owner, TcpSocket socket)
      : owner_(owner),
        stream_(std::move(socket), owner.options_.cluster, owner.options_.self, *owner.intake_) {}

  void OnSocketEvents(uint32_t) override {
    const absl::Status status = stream_.OnReadable();
    if (status.ok()) return;
    LOG_IF(ERROR, !absl::IsUnavailable(status)) << "connection of a peer is closed: " << status;
    owner_.Forget(*this);  // deletes this
  }

  int fd() const { return stream_.fd(); }

 private:
  TcpTransport& owner_;
  TcpStream stream_;
};

absl::StatusOr<std::unique_ptr<TcpTransport>> TcpTransport::Listen(
    const TcpTransportOptions& options) {
  const auto own = options.addresses.find(options.self);
  if (own == options.addresses.end()) {
    return absl::InvalidArgumentError(absl::StrCat("addresses: want one for replica ",
                                                   static_cast<uint64_t>(options.self),
                                                   " itself, got none"));
  }
  absl::StatusOr<TcpSocket> listening = TcpSocket::Listen(own->second);
  if (!listening.ok()) return listening.status();
  return std::unique_ptr<TcpTransport>(new TcpTransport(options, *std::move(listening)));
}

TcpTransport::TcpTransport(const TcpTransportOptions& options, TcpSocket listening)
    : options_(options), listening_(std::move(listening)), poller_(options.spin_limit) {
  for (const auto& [peer, address] : options_.addresses) {
    if (peer == options_.self) continue;
    links_[peer] = std::make_unique<TcpLink>(
        TcpLinkOptions{.hello = {.cluster = options_.cluster, .from = options_.self, .to = peer},
                       .address = address,
                       .max_waiting_bytes = options_.max_waiting_bytes},
        poller_, [this, peer = peer] { OnUnreachable(peer); });
  }
  thread_ = std::thread([this] { Run(); });
}

TcpTransport::~TcpTransport() { Stop(); }

void TcpTransport::Serve(raft::MessageReceiver& receiver) {
  CHECK(receiver_.load() == nullptr) << "Serve is called once";
  intake_ = std::make_unique<MessageIntake>(receiver, MessageIntake::Thread::kLent);
  acceptor_ = std::make_unique<Acceptor>(*this);
  receiver_.store(&receiver, std::memory_order_release);
  poller_.Add(listening_.fd(), EPOLLIN, *acceptor_);
}

void TcpTransport::Stop() {
  stop_.store(true, std::memory_order_release);
  poller_.Wake();
  if (thread_.joinable()) thread_.join();
  for (const auto& [peer, link] : links_) link->Close();
  streams_.clear();
}

void TcpTransport::Send(const raft::Message& message) {
  const auto link = links_.find(message.to);
  if (link != links_.end()) link->second->Send(message);  // else a member without an address here
}

void TcpTransport::SendFrame(raft::ReplicaId to, absl::string_view frame) {
  const auto link = links_.find(to);
  if (link != links_.end()) link->second->SendFrame(frame);
}

size_t TcpTransport::WaitingBytes(raft::ReplicaId peer) const {
  const auto link = links_.find(peer);
  return link == links_.end() ? 0 : link->second->waiting_bytes();
}

void TcpTransport::Flush() {
  for (const auto& [peer, link] : links_) link->Flush();
}

void TcpTransport::Run() {
  while (!stop_.load(std::memory_order_acquire)) {
    poller_.Wait(ReopenLinks() ? kRetryInterval : kForever);
  }
}

bool TcpTransport::ReopenLinks() {
  const auto now = std::chrono::steady_clock::now();
  bool any_away = false;
  for (const auto& [peer, link] : links_) any_away = link->Reopen(now) || any_away;
  return any_away;
}

void TcpTransport::OnUnreachable(raft::ReplicaId peer) {
  raft::MessageReceiver* const receiver = receiver_.load(std::memory_order_acquire);
  if (receiver != nullptr) receiver->ReportUnreachable(peer);
}

void TcpTransport::AcceptAll() {
  for (TcpSocket socket = listening_.Accept(); socket.is_open(); socket = listening_.Accept()) {
    if (streams_.size() >= kMaxStreams) {
      LOG_EVERY_N(WARNING, 100) << kMaxStreams << " connections of peers stand: one is refused";
      continue;
    }
    const int fd = socket.fd();
    auto stream = std::make_unique<Stream>(*this, std::move(socket));
    poller_.Add(fd, EPOLLIN, *stream);
    streams_[fd] = std::move(stream);
  }
}

void TcpTransport::Forget(Stream& stream) { streams_.erase(stream.fd()); }

}  // namespace blixard::rpc
