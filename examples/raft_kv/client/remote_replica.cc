#include "examples/raft_kv/client/remote_replica.h"

#include <grpcpp/grpcpp.h>

#include <chrono>

namespace blixard::example {
namespace {

using std::chrono::system_clock;

constexpr auto kConnectTime = std::chrono::milliseconds(200);
constexpr auto kAnswerTime = std::chrono::seconds(3);

}  // namespace

RemoteReplica::RemoteReplica(const std::string& address)
    : channel_(rpc::MakeChannel(address)), stub_(KeyValue::NewStub(channel_)) {}

Reply RemoteReplica::Ask(const Request& request) {
  Reply reply;
  if (!channel_->WaitForConnected(system_clock::now() + kConnectTime)) {
    reply.set_end(Reply::REFUSED);
    reply.set_why("cannot be reached");
    return reply;
  }
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + kAnswerTime);
  const grpc::Status asked = stub_->Ask(&context, request, &reply);
  if (!asked.ok()) {
    reply.set_end(Reply::UNKNOWN);
    reply.set_why(asked.error_message());
  }
  return reply;
}

}  // namespace blixard::example
