#include "rpc/transport/tcp_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "raft/core/mutation.h"

namespace blixard::rpc {
namespace {

constexpr size_t kLengthBytes = sizeof(uint32_t);
constexpr size_t kFirstBufferBytes = size_t{64} << 10;
// Then other connections have their turn.
constexpr size_t kReadsPerTurn = 8;

}  // namespace

TcpStream::TcpStream(TcpSocket socket, raft::ClusterId cluster, raft::ReplicaId self,
                     MessageIntake& intake, std::function<void(const TcpHello&)> on_hello)
    : socket_(std::move(socket)),
      cluster_(cluster),
      self_(self),
      intake_(intake),
      on_hello_(std::move(on_hello)) {
  buffer_.resize(kFirstBufferBytes);
}

absl::Status TcpStream::OnReadable() {
  for (size_t reads = 0; reads < kReadsPerTurn; ++reads) {
    const absl::StatusOr<size_t> wanted = BytesWanted();
    if (!wanted.ok()) return wanted.status();
    MakeRoom(*wanted);
    const size_t room = buffer_.size() - end_;
    const ssize_t got = recv(socket_.fd(), buffer_.data() + end_, room, MSG_DONTWAIT);
    if (got == 0) return absl::UnavailableError("closed");
    if (got < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return absl::OkStatus();
      return ConnectionError("receive", errno);
    }
    end_ += static_cast<size_t>(got);
    absl::Status status = hello_taken_ ? absl::OkStatus() : TakeHello();
    if (status.ok() && hello_taken_) status = TakeBatches();
    if (!status.ok()) return status;
    if (static_cast<size_t>(got) < room) return absl::OkStatus();  // that was all there is
  }
  return absl::OkStatus();
}

absl::Status TcpStream::TakeHello() {
  if (unread().size() < kTcpHelloBytes) return absl::OkStatus();
  const absl::StatusOr<size_t> bytes = TcpHelloBytes(unread());
  if (!bytes.ok()) return bytes.status();
  if (unread().size() < *bytes) return absl::OkStatus();
  const absl::StatusOr<TcpHello> hello = ReadTcpHello(unread().substr(0, *bytes));
  if (!hello.ok()) return hello.status();
  const bool is_ours = hello->cluster == cluster_ && hello->to == self_;
  if (!is_ours && !raft::Mutated(raft::Mutation::kS25TakesForeignPeers)) {
    return absl::InvalidArgumentError(
        absl::StrCat("hello of replica ", static_cast<uint64_t>(hello->from), ": want cluster ",
                     static_cast<uint64_t>(cluster_), " and replica ", static_cast<uint64_t>(self_),
                     ", got cluster ", static_cast<uint64_t>(hello->cluster), " and replica ",
                     static_cast<uint64_t>(hello->to), "; check the peer addresses"));
  }
  begin_ += *bytes;
  hello_taken_ = true;
  on_hello_(*hello);
  return absl::OkStatus();
}

absl::Status TcpStream::TakeBatches() {
  while (true) {
    const absl::StatusOr<size_t> wanted = BytesWanted();
    if (!wanted.ok()) return wanted.status();
    if (*wanted == kLengthBytes || unread().size() < *wanted) return absl::OkStatus();
    const absl::Status taken = intake_.Take(unread().substr(kLengthBytes, *wanted - kLengthBytes));
    if (!taken.ok()) return taken;
    begin_ += *wanted;
  }
}

// kLengthBytes while not even the length of the next batch is known: no batch is empty.
absl::StatusOr<size_t> TcpStream::BytesWanted() const {
  if (!hello_taken_ && unread().size() < kTcpHelloBytes) return kTcpHelloBytes;
  if (!hello_taken_) return TcpHelloBytes(unread());
  if (unread().size() < kLengthBytes) return kLengthBytes;
  uint32_t batch_bytes;
  std::memcpy(&batch_bytes, unread().data(), kLengthBytes);
  if (batch_bytes > 0 && batch_bytes <= kMaxTcpBatchBytes) return kLengthBytes + batch_bytes;
  return absl::DataLossError(
      absl::StrCat("length of a batch: want 1 to ", kMaxTcpBatchBytes, ", got ", batch_bytes));
}

// Moves what is left to the front when the end is near.
void TcpStream::MakeRoom(size_t bytes) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ + bytes <= buffer_.size() && end_ < buffer_.size()) return;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= std::exchange(begin_, 0);
  buffer_.resize(std::max({buffer_.size(), bytes, end_ + 1}));
}

}  // namespace blixard::rpc
