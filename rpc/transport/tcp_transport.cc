#include "rpc/transport/tcp_transport.h"

#include <glog/logging.h>
#include <sys/epoll.h>

#include <chrono>
#include <iterator>
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
        stream_(std::move(socket), owner.options_.cluster, owner.options_.self, *owner.intake_,
                [&owner](const TcpHello& hello) { owner.Learn(hello); }) {}

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
    : options_(options),
      listening_(std::move(listening)),
      poller_(options.spin_limit),
      lookup_(options.find_addresses),
      addresses_(options_.self, options_.addresses) {
  FollowAddresses();
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
  links_.ForEach([](raft::ReplicaId, TcpLink& link) { link.Close(); });
  streams_.clear();
}

void TcpTransport::Send(const raft::Message& message) {
  if (!links_.With(message.to, [&](TcpLink& link) { link.Send(message); })) CountLost(message.to);
}

void TcpTransport::SendFrame(raft::ReplicaId to, absl::string_view frame) {
  if (!links_.With(to, [&](TcpLink& link) { link.SendFrame(frame); })) CountLost(to);
}

size_t TcpTransport::WaitingBytes(raft::ReplicaId peer) const {
  size_t bytes = 0;
  links_.With(peer, [&](const TcpLink& link) { bytes = link.waiting_bytes(); });
  return bytes;
}

void TcpTransport::Flush() {
  links_.ForEach([](raft::ReplicaId, TcpLink& link) { link.Flush(); });
}

// A member whose address is not known here must not stop those that are.
void TcpTransport::CountLost(raft::ReplicaId to) {
  lost_.fetch_add(1, std::memory_order_relaxed);
  LOG_EVERY_N(WARNING, 1000) << "messages to replica " << to << " are dropped: want its address in "
                             << "the log or among the peers that were given, got none";
}

// The thread makes and closes the links: a socket may only be closed there.
void TcpTransport::SetMembers(const raft::Configuration& members) {
  {
    const std::lock_guard lock(mutex_);
    addresses_.SetMembers(members);
  }
  addresses_changed_.store(true, std::memory_order_release);
  poller_.Wake();
}

void TcpTransport::Learn(const TcpHello& hello) {
  const std::lock_guard lock(mutex_);
  if (!addresses_.Learn(hello.from, hello.address)) return;
  LOG(INFO) << "replica " << hello.from << " says that it is reached at " << hello.address;
  addresses_changed_.store(true, std::memory_order_release);
}

void TcpTransport::FollowAddresses() {
  std::map<raft::ReplicaId, PeerAddresses::Peer> wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted = addresses_.Wanted();
  }
  while (wanted.size() > kMaxLinks) wanted.erase(std::prev(wanted.end()));
  for (const auto& [peer, where] : linked_) {
    const auto same = wanted.find(peer);
    if (same != wanted.end() && same->second == where) continue;
    links_.Take(peer)->Close();
  }
  for (const auto& [peer, where] : wanted) {
    const auto same = linked_.find(peer);
    if (same != linked_.end() && same->second == where) continue;
    const TcpLinkOptions link{.hello = {.cluster = options_.cluster,
                                        .from = options_.self,
                                        .to = peer,
                                        .address = address()},
                              .address = where.address,
                              .max_waiting_bytes = options_.max_waiting_bytes,
                              .on_demand = where.is_stranger};
    links_.Add(peer, std::make_unique<TcpLink>(link, poller_, lookup_, link_full_,
                                               [this, peer = peer] { OnUnreachable(peer); }));
  }
  linked_ = std::move(wanted);
}

void TcpTransport::Run() {
  while (!stop_.load(std::memory_order_acquire)) {
    if (addresses_changed_.exchange(false, std::memory_order_acquire)) FollowAddresses();
    poller_.Wait(ReopenLinks() ? kRetryInterval : kForever);
  }
}

bool TcpTransport::ReopenLinks() {
  const auto now = std::chrono::steady_clock::now();
  bool any_away = false;
  links_.ForEach([&](raft::ReplicaId, TcpLink& link) { any_away = link.Reopen(now) || any_away; });
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
