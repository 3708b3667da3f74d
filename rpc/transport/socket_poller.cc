#include "rpc/transport/socket_poller.h"

#include <glog/logging.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace blixard::rpc {
namespace {

constexpr int kEventsPerWait = 64;

}  // namespace

SocketPoller::SocketPoller()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  PCHECK(epoll_ >= 0 && wake_ >= 0) << "no descriptors for the peer transport";
  Control(EPOLL_CTL_ADD, wake_, EPOLLIN, nullptr);
}

SocketPoller::~SocketPoller() {
  close(wake_);
  close(epoll_);
}

void SocketPoller::Add(int fd, uint32_t events, SocketListener& listener) {
  Control(EPOLL_CTL_ADD, fd, events, &listener);
}

void SocketPoller::Change(int fd, uint32_t events, SocketListener& listener) {
  Control(EPOLL_CTL_MOD, fd, events, &listener);
}

void SocketPoller::Control(int operation, int fd, uint32_t events, SocketListener* listener) {
  epoll_event event = {};
  event.events = events;
  event.data.ptr = listener;
  PCHECK(epoll_ctl(epoll_, operation, fd, &event) == 0) << "descriptor " << fd;
}

void SocketPoller::Wait(std::chrono::milliseconds timeout) {
  epoll_event events[kEventsPerWait];
  const int wait = timeout.count() < 0 ? -1 : static_cast<int>(timeout.count());
  const int count = epoll_wait(epoll_, events, kEventsPerWait, wait);
  PCHECK(count >= 0 || errno == EINTR);
  for (int i = 0; i < count; ++i) {
    if (events[i].data.ptr != nullptr) {
      static_cast<SocketListener*>(events[i].data.ptr)->OnSocketEvents(events[i].events);
      continue;
    }
    uint64_t woken;
    PCHECK(read(wake_, &woken, sizeof(woken)) == sizeof(woken) || errno == EAGAIN);
  }
}

void SocketPoller::Wake() {
  const uint64_t one = 1;
  PCHECK(write(wake_, &one, sizeof(one)) == sizeof(one) || errno == EAGAIN);
}

}  // namespace blixard::rpc
