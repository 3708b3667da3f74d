#include "rpc/transport/tcp_link.h"

#include <glog/logging.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "raft/core/message_codec.h"
#include "raft/core/mutation.h"

namespace blixard::rpc {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kReopenAfter = std::chrono::milliseconds(100);
// A network that drops the first packet tells nobody; the next address may be another network's.
constexpr auto kConnectWithin = std::chrono::seconds(2);
constexpr uint32_t kAlways = EPOLLIN | EPOLLRDHUP;  // a peer never writes here, so this is its end

}  // namespace

TcpLink::TcpLink(TcpLinkOptions options, SocketPoller& poller, NameLookup& lookup,
                 std::atomic<uint64_t>& dropped, std::function<void()> on_unreachable)
    : options_(std::move(options)),
      poller_(poller),
      dropped_(dropped),
      on_unreachable_(std::move(on_unreachable)),
      targets_(options_.address, lookup) {}

void TcpLink::Send(const raft::Message& message) {
  const std::lock_guard lock(mutex_);
  if (!BeginFrame()) return;
  raft::EncodeMessage(message, waiting_);
  EndFrame();
}

void TcpLink::SendFrame(absl::string_view frame) {
  const std::lock_guard lock(mutex_);
  if (!BeginFrame()) return;
  waiting_.append(frame.data(), frame.size());
  EndFrame();
}

bool TcpLink::BeginFrame() {
  // What was meant for a peer that is away is stale when it comes back; Raft sends it anew.
  if (state_ == State::kAway) {
    if (options_.on_demand && !std::exchange(asked_for_, true)) poller_.Wake();
    return false;
  }
  const bool is_full = waiting_.size() - written_ >= options_.max_waiting_bytes;
  if (is_full && !raft::Mutated(raft::Mutation::kL15ConnectionGrows)) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    LOG_EVERY_N(WARNING, 10'000) << "messages to replica " << options_.hello.to
                                 << " are dropped: " << waiting_.size() - written_
                                 << " bytes wait for its connection";
    return false;
  }
  if (batch_begin_ == waiting_.size()) waiting_.append(sizeof(uint32_t), '\0');
  return true;
}

void TcpLink::EndFrame() {
  if (waiting_.size() - batch_begin_ >= kTcpBatchBytes) CloseBatch();
}

void TcpLink::Flush() {
  const std::lock_guard lock(mutex_);
  CloseBatch();
  if (state_ != State::kOpen || watches_writable_) return;
  const absl::Status written = Write();
  // The poller's thread sees the end and closes the socket; only it may.
  if (!written.ok()) shutdown(socket_.fd(), SHUT_RDWR);
}

size_t TcpLink::waiting_bytes() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() - written_;
}

void TcpLink::CloseBatch() {
  if (batch_begin_ == waiting_.size()) return;
  const auto bytes = static_cast<uint32_t>(waiting_.size() - batch_begin_ - sizeof(uint32_t));
  std::memcpy(waiting_.data() + batch_begin_, &bytes, sizeof(bytes));
  batch_begin_ = waiting_.size();
}

absl::Status TcpLink::Write() {
  while (written_ < waiting_.size()) {
    const ssize_t put = send(socket_.fd(), waiting_.data() + written_, waiting_.size() - written_,
                             MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put >= 0) {
      written_ += static_cast<size_t>(put);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (errno != EINTR) {
      return ConnectionError("send", errno);
    }
  }
  waiting_.erase(0, written_);  // nothing is left, or the socket is full: rare
  batch_begin_ -= written_;
  written_ = 0;
  WatchWritable(!waiting_.empty());
  return absl::OkStatus();
}

void TcpLink::WatchWritable(bool watch) {
  if (watch == watches_writable_) return;
  watches_writable_ = watch;
  poller_.Change(socket_.fd(), watch ? kAlways | EPOLLOUT : kAlways, *this);
}

bool TcpLink::Reopen(Clock::time_point now) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kOpen || closed_) return false;
    if (state_ == State::kAway) return Connect(now);
    if (now < connected_by_) return true;
    Break(absl::DeadlineExceededError("connect: no answer"));
  }
  on_unreachable_();
  return true;
}

bool TcpLink::Connect(Clock::time_point now) {
  if (options_.on_demand && !asked_for_) return false;
  const SocketAddress* const target = now < reopen_at_ ? nullptr : targets_.Current();
  if (target == nullptr) return true;
  reopen_at_ = now + kReopenAfter;
  asked_for_ = false;
  absl::StatusOr<TcpSocket> socket = TcpSocket::Connect(*target);
  if (!socket.ok()) {
    LOG_EVERY_N(WARNING, 100) << "replica " << options_.hello.to << ": " << socket.status();
    targets_.TurnToNext();
    return true;
  }
  socket_ = *std::move(socket);
  state_ = State::kConnecting;
  connected_by_ = now + kConnectWithin;
  waiting_.clear();
  written_ = 0;
  AppendTcpHello(options_.hello, waiting_);
  batch_begin_ = waiting_.size();
  watches_writable_ = true;
  poller_.Add(socket_.fd(), kAlways | EPOLLOUT, *this);
  return true;
}

void TcpLink::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  Break(absl::CancelledError("this side closed it"));
}

void TcpLink::OnSocketEvents(uint32_t events) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kAway) return;
    absl::Status status;
    if (state_ == State::kConnecting) status = socket_.PendingError();
    if (status.ok() && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
      status = absl::UnavailableError("the peer closed the connection");
    }
    if (status.ok()) {
      state_ = State::kOpen;
      CloseBatch();
      status = Write();
    }
    if (status.ok()) return;
    Break(status);
  }
  on_unreachable_();
}

void TcpLink::Break(const absl::Status& reason) {
  VLOG(1) << "connection to replica " << options_.hello.to << " ended: " << reason;
  socket_.Close();
  if (state_ == State::kConnecting) targets_.TurnToNext();
  state_ = State::kAway;
  waiting_.clear();
  written_ = 0;
  batch_begin_ = 0;
  watches_writable_ = false;
  reopen_at_ = Clock::now() + kReopenAfter;
}

}  // namespace blixard::rpc
