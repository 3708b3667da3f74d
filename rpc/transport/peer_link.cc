#include "rpc/transport/peer_link.h"

#include <glog/logging.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "raft/core/message_codec.h"
#include "rpc/proto/peer.grpc.pb.h"
#include "rpc/transport/channel.h"
#include "rpc/transport/introduction.h"

namespace blixard::rpc {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kReopenAfter = std::chrono::milliseconds(100);

}  // namespace

// Outlives each of its streams: the destructor of the link waits for the last one to be done.
class PeerLink::Connection {
 public:
  Connection(const PeerLinkOptions& options, std::atomic<uint64_t>& dropped,
             std::function<void()> on_unreachable)
      : options_(options),
        dropped_(dropped),
        on_unreachable_(std::move(on_unreachable)),
        stub_(v1::PeerTransport::NewStub(MakeChannel(options.address))) {
    frame_ends_.reserve(options.max_waiting_bytes / kPeerFrameBytes + 1);
  }

  void Send(const raft::Message& message) {
    std::lock_guard lock(mutex_);
    if (!HasRoom()) return;
    raft::EncodeMessage(message, waiting_);
    CloseFullFrame();
  }

  void SendFrame(absl::string_view frame) {
    std::lock_guard lock(mutex_);
    if (!HasRoom()) return;
    waiting_.append(frame.data(), frame.size());
    CloseFullFrame();
  }

  void Flush() {
    std::lock_guard lock(mutex_);
    if (options_.on_demand && waiting_.empty()) return;
    if (stream_ == nullptr) Open();
    // What was meant for a peer that is away is stale when it comes back; Raft sends it anew.
    if (stream_ == nullptr) DropWaiting();
    WriteWaiting();
  }

  size_t waiting_bytes() const {
    std::lock_guard lock(mutex_);
    return waiting_.size() + writing_bytes_;
  }

  void Close() {
    std::unique_lock lock(mutex_);
    closing_ = true;
    if (stream_ != nullptr) stream_->context.TryCancel();
    ended_.wait(lock, [this] { return stream_ == nullptr; });
  }

 private:
  // One attempt, from Open to End. The hold lets this side write from outside gRPC's callbacks; it
  // is given up with the last read, which fails when the stream is over.
  struct Stream : public grpc::ClientBidiReactor<v1::PeerFrame, v1::PeerHello> {
    explicit Stream(Connection& owner) : owner(owner) {}

    void OnReadDone(bool ok) override {
      if (ok && owner.IsExpectedPeer(hello)) return StartRead(&hello);
      owner.StopWriting();
      context.TryCancel();
      RemoveHold();
    }
    void OnWriteDone(bool ok) override {
      if (ok) owner.WriteNext();
    }
    void OnDone(const grpc::Status& status) override { owner.End(status); }

    Connection& owner;
    grpc::ClientContext context;
    v1::PeerFrame frame;
    v1::PeerHello hello;
  };

  // mutex_ is held.
  bool HasRoom() const {
    if (waiting_.size() + writing_bytes_ < options_.max_waiting_bytes) return true;
    dropped_.fetch_add(1, std::memory_order_relaxed);
    LOG_EVERY_N(WARNING, 10'000) << "messages to replica " << options_.peer
                                 << " are dropped: " << waiting_.size() + writing_bytes_
                                 << " bytes wait for its stream";
    return false;
  }

  // mutex_ is held.
  void CloseFullFrame() {
    const size_t begin = frame_ends_.empty() ? 0 : frame_ends_.back();
    if (waiting_.size() - begin >= kPeerFrameBytes) frame_ends_.push_back(waiting_.size());
  }

  // mutex_ is held.
  void DropWaiting() {
    waiting_.clear();
    frame_ends_.clear();
  }

  // mutex_ is held.
  void Open() {
    const Clock::time_point now = Clock::now();
    if (closing_ || now < reopen_at_) return;
    reopen_at_ = now + kReopenAfter;
    stream_ = std::make_unique<Stream>(*this);
    writable_ = true;
    IntroduceSelf(stream_->context);
    stub_->async()->Exchange(&stream_->context, stream_.get());
    stream_->AddHold();
    stream_->StartRead(&stream_->hello);
    stream_->StartCall();
  }

  // So that the peer can answer even before the log tells it who this is.
  void IntroduceSelf(grpc::ClientContext& context) const {
    if (options_.own_address.empty()) return;
    context.AddMetadata(kClusterKey, absl::StrCat(static_cast<uint64_t>(options_.cluster)));
    context.AddMetadata(kReplicaKey, absl::StrCat(static_cast<uint64_t>(options_.self)));
    context.AddMetadata(kAddressKey, options_.own_address);
  }

  // mutex_ is held.
  void WriteWaiting() {
    if (!writable_ || waiting_.empty()) return;
    writable_ = false;
    TakeFrame(*stream_->frame.mutable_messages());
    writing_bytes_ = stream_->frame.messages().size();
    stream_->StartWrite(&stream_->frame);
  }

  // mutex_ is held. As a rule all that waits is one frame, and nothing is copied.
  void TakeFrame(std::string& frame) {
    const size_t end = frame_ends_.empty() ? waiting_.size() : frame_ends_.front();
    if (end == waiting_.size()) {
      frame.swap(waiting_);
      return DropWaiting();
    }
    frame.assign(waiting_, 0, end);
    waiting_.erase(0, end);
    frame_ends_.erase(frame_ends_.begin());
    for (size_t& later : frame_ends_) later -= end;
  }

  void WriteNext() {
    std::lock_guard lock(mutex_);
    writable_ = !broken_;
    writing_bytes_ = 0;
    WriteWaiting();
  }

  void StopWriting() {
    std::lock_guard lock(mutex_);
    writable_ = false;
    broken_ = true;
  }

  bool IsExpectedPeer(const v1::PeerHello& hello) const {
    if (hello.cluster_id() == static_cast<uint64_t>(options_.cluster) &&
        hello.replica_id() == static_cast<uint64_t>(options_.peer)) {
      return true;
    }
    LOG(ERROR) << "peer at " << options_.address << ": want replica " << options_.peer
               << " of cluster " << options_.cluster << ", got replica " << hello.replica_id()
               << " of cluster " << hello.cluster_id() << "; check the peer addresses";
    return false;
  }

  void End(const grpc::Status& status) {
    VLOG(1) << "stream to replica " << options_.peer << " ended: " << status.error_message();
    on_unreachable_();
    std::lock_guard lock(mutex_);
    stream_.reset();
    writing_bytes_ = 0;
    writable_ = false;
    broken_ = false;
    reopen_at_ = std::max(reopen_at_, Clock::now() + kReopenAfter);
    ended_.notify_all();
  }

  const PeerLinkOptions options_;
  std::atomic<uint64_t>& dropped_;
  const std::function<void()> on_unreachable_;
  const std::unique_ptr<v1::PeerTransport::Stub> stub_;

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  // All below guarded by mutex_.
  std::string waiting_;             // encoded messages
  std::vector<size_t> frame_ends_;  // in it, of the frames that are full; ascending
  size_t writing_bytes_ = 0;        // of the frame that is on its way
  std::unique_ptr<Stream> stream_;
  bool writable_ = false;  // the stream is open and no write is on its way
  bool broken_ = false;    // the stream has ended for writing and waits for its OnDone
  bool closing_ = false;
  Clock::time_point reopen_at_{};
};

PeerLink::PeerLink(const PeerLinkOptions& options, std::atomic<uint64_t>& dropped,
                   std::function<void()> on_unreachable)
    : connection_(std::make_unique<Connection>(options, dropped, std::move(on_unreachable))) {}

PeerLink::~PeerLink() { connection_->Close(); }

void PeerLink::Send(const raft::Message& message) { connection_->Send(message); }

void PeerLink::SendFrame(absl::string_view frame) { connection_->SendFrame(frame); }

void PeerLink::Flush() { connection_->Flush(); }

size_t PeerLink::waiting_bytes() const { return connection_->waiting_bytes(); }

}  // namespace blixard::rpc
