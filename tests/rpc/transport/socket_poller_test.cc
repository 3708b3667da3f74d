#include "rpc/transport/socket_poller.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <thread>

namespace blixard::rpc {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kForever{-1};

// Counts what it is told and takes it from its descriptor.
class Counter : public SocketListener {
 public:
  explicit Counter(SocketPoller& poller) : fd_(eventfd(0, EFD_NONBLOCK)) {
    poller.Add(fd_, EPOLLIN, *this);
  }
  ~Counter() override { close(fd_); }

  void Post() {
    const uint64_t one = 1;
    ASSERT_EQ(write(fd_, &one, sizeof(one)), static_cast<ssize_t>(sizeof(one)));
  }
  void OnSocketEvents(uint32_t events) override {
    EXPECT_EQ(events, static_cast<uint32_t>(EPOLLIN));
    uint64_t posted = 0;
    ASSERT_EQ(read(fd_, &posted, sizeof(posted)), static_cast<ssize_t>(sizeof(posted)));
    ++told_;
  }
  int told() const { return told_; }

 private:
  const int fd_;
  int told_ = 0;
};

// With zero every Wait sleeps; with the other every Wait looks first, once the waits are short.
class SocketPollerTest : public ::testing::TestWithParam<std::chrono::nanoseconds> {
 protected:
  void ComeQuickly() {
    for (int i = 1; i <= 20; ++i) {
      counter_.Post();
      poller_.Wait(kForever);
      ASSERT_EQ(counter_.told(), i);
    }
  }

  SocketPoller poller_{GetParam()};
  Counter counter_{poller_};
};

TEST_P(SocketPollerTest, TellsOfEachEventOnce) {
  ComeQuickly();
  poller_.Wait(milliseconds(1));
  EXPECT_EQ(counter_.told(), 20);
}

TEST_P(SocketPollerTest, SleepsUntilAnEventComesLate) {
  ComeQuickly();
  std::thread late([this] {
    std::this_thread::sleep_for(milliseconds(30));
    counter_.Post();
  });
  poller_.Wait(kForever);
  EXPECT_EQ(counter_.told(), 21);
  late.join();
}

TEST_P(SocketPollerTest, ReturnsWithoutAnEventAtItsTimeout) {
  ComeQuickly();
  for (int i = 0; i < 3; ++i) poller_.Wait(milliseconds(1));
  EXPECT_EQ(counter_.told(), 20);
}

TEST_P(SocketPollerTest, WakeEndsTheWaitUnderWayOrElseTheNext) {
  ComeQuickly();
  poller_.Wake();
  poller_.Wait(kForever);
  std::thread other([this] { poller_.Wake(); });
  poller_.Wait(kForever);
  other.join();
  EXPECT_EQ(counter_.told(), 20);
}

INSTANTIATE_TEST_SUITE_P(SpinLimits, SocketPollerTest,
                         ::testing::Values(std::chrono::nanoseconds(0), milliseconds(5)));

}  // namespace
}  // namespace blixard::rpc
