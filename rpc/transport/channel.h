// Channels as all our clients want them: quick to come back after the other side was away.
#ifndef BLIXARD_RPC_TRANSPORT_CHANNEL_H_
#define BLIXARD_RPC_TRANSPORT_CHANNEL_H_

#include <memory>
#include <string>

namespace grpc {
class Channel;
}

namespace blixard::rpc {

// Connects lazily; a connection of its own even where other channels go to the same address.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_CHANNEL_H_
