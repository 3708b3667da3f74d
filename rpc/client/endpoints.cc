#include "rpc/client/endpoints.h"

#include <glog/logging.h>
#include <grpcpp/grpcpp.h>

#include "rpc/transport/channel.h"

namespace blixard::rpc {

Endpoints::Endpoints(const std::vector<std::string>& addresses) {
  CHECK(!addresses.empty());
  for (const std::string& address : addresses) {
    const size_t found = FindOrAdd(address);
    if (found < list_.size()) list_[found].is_given = true;
  }
}

const Endpoints::Endpoint* Endpoints::Leader() {
  std::lock_guard lock(mutex_);
  return &list_[leader_];
}

void Endpoints::FollowHint(const Endpoint* asked, const std::string& address) {
  std::unique_lock lock(mutex_);
  if (&list_[leader_] != asked) return;  // an earlier answer has moved on already
  const size_t found = FindOrAdd(address);
  if (found == list_.size()) return;
  list_[found].is_member = true;
  leader_ = found;
}

void Endpoints::FollowMembers(const std::vector<std::string>& addresses) {
  std::lock_guard lock(mutex_);
  for (Endpoint& endpoint : list_) endpoint.is_member = false;
  for (const std::string& address : addresses) {
    const size_t found = FindOrAdd(address);
    if (found < list_.size()) list_[found].is_member = true;
  }
}

void Endpoints::TryNext(const Endpoint* asked) {
  std::lock_guard lock(mutex_);
  if (&list_[leader_] != asked) return;
  for (size_t step = 0; step < list_.size(); ++step) {
    leader_ = (leader_ + 1) % list_.size();
    if (list_[leader_].is_given || list_[leader_].is_member) return;
  }
}

size_t Endpoints::FindOrAdd(const std::string& address) {
  for (size_t i = 0; i < list_.size(); ++i) {
    if (list_[i].address == address) return i;
  }
  if (list_.size() == kMaxEndpoints) return list_.size();
  const std::shared_ptr<grpc::Channel> channel = MakeChannel(address);
  list_.push_back({.address = address,
                   .stub = v1::Placement::NewStub(channel),
                   .membership = v1::Membership::NewStub(channel)});
  return list_.size() - 1;
}

}  // namespace blixard::rpc
