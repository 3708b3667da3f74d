// Waits for many sockets at once (epoll).
#ifndef BLIXARD_RPC_TRANSPORT_SOCKET_POLLER_H_
#define BLIXARD_RPC_TRANSPORT_SOCKET_POLLER_H_

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>

#include "rpc/transport/spin_budget.h"

namespace blixard::rpc {

class SocketListener {
 public:
  virtual ~SocketListener() = default;
  // `events` as of epoll_wait. Called by the thread in SocketPoller::Wait.
  virtual void OnSocketEvents(uint32_t events) = 0;
};

// One thread calls Wait; the rest may be called by any. A descriptor leaves by being closed, which
// must happen on the thread that waits: it may still be told of what was seen in the same Wait.
class SocketPoller {
 public:
  // `spin_limit`: how long a Wait may look before it sleeps, if that pays (SpinBudget).
  explicit SocketPoller(std::chrono::nanoseconds spin_limit);
  ~SocketPoller();
  SocketPoller(const SocketPoller&) = delete;
  SocketPoller& operator=(const SocketPoller&) = delete;

  // `listener` is not owned.
  void Add(int fd, uint32_t events, SocketListener& listener);
  void Change(int fd, uint32_t events, SocketListener& listener);

  // Tells listeners what happened, at once or as soon as something does, at most once per
  // descriptor; returns then, when woken, or after `timeout` (negative: never).
  void Wait(std::chrono::milliseconds timeout);

  // Ends the Wait under way, or else the next one.
  void Wake();

 private:
  static constexpr int kEventsPerWait = 64;

  void Control(int operation, int fd, uint32_t events, SocketListener* listener);
  int Spin();
  int Sleep(std::chrono::milliseconds timeout);
  void Tell(int count);

  int epoll_ = -1;
  int wake_ = -1;
  // Of the thread that waits.
  SpinBudget spin_budget_;
  epoll_event events_[kEventsPerWait];
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_SOCKET_POLLER_H_
