#include "rpc/transport/socket_poller.h"

#include <glog/logging.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace blixard::rpc {
namespace {

using Clock = std::chrono::steady_clock;

// A processor that does not come back for so long has work of its own; a shorter absence is a
// thread that had a moment's work, such as another replica.
constexpr auto kCrowdedYield = std::chrono::microseconds(50);

}  // namespace

SocketPoller::SocketPoller(std::chrono::nanoseconds spin_limit)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      spin_budget_(spin_limit) {
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
  const int count = Spin();
  Tell(count > 0 ? count : Sleep(timeout));
}

// Gives way between two looks: on a busy machine others must not wait for one that does nothing.
int SocketPoller::Spin() {
  const std::chrono::nanoseconds budget = spin_budget_.Next();
  if (budget == std::chrono::nanoseconds::zero()) return 0;
  for (const Clock::time_point begin = Clock::now();;) {
    const int count = epoll_wait(epoll_, events_, kEventsPerWait, 0);
    if (count > 0) {
      spin_budget_.Found();
      return count;
    }
    const Clock::time_point now = Clock::now();
    if (now - begin >= budget) {
      spin_budget_.Missed();
      return 0;
    }
    sched_yield();
    if (Clock::now() - now >= kCrowdedYield) {
      spin_budget_.Crowded();
      return 0;
    }
  }
}

int SocketPoller::Sleep(std::chrono::milliseconds timeout) {
  const int wait = timeout.count() < 0 ? -1 : static_cast<int>(timeout.count());
  const Clock::time_point begin = Clock::now();
  const int count = epoll_wait(epoll_, events_, kEventsPerWait, wait);
  PCHECK(count >= 0 || errno == EINTR);
  spin_budget_.Slept(Clock::now() - begin);
  return count;
}

void SocketPoller::Tell(int count) {
  for (int i = 0; i < count; ++i) {
    if (events_[i].data.ptr != nullptr) {
      static_cast<SocketListener*>(events_[i].data.ptr)->OnSocketEvents(events_[i].events);
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
