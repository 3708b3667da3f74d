// Which address of a peer is tried when; names are found by the test.
#include "rpc/transport/connect_targets.h"

#include <gtest/gtest.h>
#include <netdb.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "rpc/transport/name_lookup.h"
#include "rpc/transport/socket_address.h"

namespace blixard::rpc {
namespace {

SocketAddress InDigits(const std::string& address) {
  return FindAddresses(address, AI_NUMERICHOST).value().front();
}

// Knows one name at most, whichever is asked for. What is asked in the end may be answered later.
class Names {
 public:
  NameLookup::Find find() const {
    return [known = known_](const std::string&) -> NameLookup::Answer {
      ++known->asked;
      const std::lock_guard lock(known->mutex);
      if (known->found.empty()) return absl::InvalidArgumentError("no such name");
      return known->found;
    };
  }
  void Set(const std::vector<std::string>& addresses) {
    const std::lock_guard lock(known_->mutex);
    known_->found.clear();
    for (const std::string& address : addresses) known_->found.push_back(InDigits(address));
  }
  int asked() const { return known_->asked; }

 private:
  struct Known {
    std::atomic<int> asked{0};
    std::mutex mutex;
    std::vector<SocketAddress> found;  // guarded by mutex
  };
  const std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

// The current address, once there is one; "" when there is none for two minutes.
std::string Await(ConnectTargets& targets) {
  for (int i = 0; i < 120'000; ++i) {
    if (const SocketAddress* const current = targets.Current()) return ToString(*current);
    absl::SleepFor(absl::Milliseconds(1));
  }
  return "";
}

TEST(ConnectTargetsTest, AddressInDigitsIsNeverLookedUp) {
  Names names;
  NameLookup lookup(names.find());
  for (const std::string address : {"127.0.0.1:7000", "[::1]:7000"}) {
    ConnectTargets targets(address, lookup);
    for (int i = 0; i < 3; ++i) {
      ASSERT_NE(targets.Current(), nullptr);
      EXPECT_EQ(ToString(*targets.Current()), address);
      targets.TurnToNext();
    }
  }
  EXPECT_EQ(names.asked(), 0);
}

TEST(ConnectTargetsTest, AllAddressesHaveTheirTurn) {
  Names names;
  names.Set({"127.0.0.1:1", "[::1]:2", "127.0.0.1:3"});
  NameLookup lookup(names.find());
  ConnectTargets targets("three.test:1", lookup);
  for (const std::string expected :
       {"127.0.0.1:1", "[::1]:2", "127.0.0.1:3", "127.0.0.1:1", "[::1]:2"}) {
    EXPECT_EQ(Await(targets), expected);
    EXPECT_EQ(Await(targets), expected) << "stays until it fails";
    targets.TurnToNext();
  }
}

TEST(ConnectTargetsTest, NameIsLookedUpAnewWhenAllHaveFailed) {
  Names names;
  names.Set({"127.0.0.1:1"});
  NameLookup lookup(names.find());
  ConnectTargets targets("moves.test:1", lookup);
  ASSERT_EQ(Await(targets), "127.0.0.1:1");
  EXPECT_EQ(names.asked(), 1);
  names.Set({"127.0.0.1:2"});
  EXPECT_EQ(Await(targets), "127.0.0.1:1") << "nothing failed";
  targets.TurnToNext();
  for (int i = 0; i < 120'000 && Await(targets) != "127.0.0.1:2"; ++i) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_EQ(Await(targets), "127.0.0.1:2");
  EXPECT_EQ(names.asked(), 2);
}

TEST(ConnectTargetsTest, WhatWasKnownStaysWhenNothingIsFoundAndWhatWasNotIsAskedForAgain) {
  Names names;
  NameLookup lookup(names.find());
  ConnectTargets targets("late.test:1", lookup);
  EXPECT_EQ(targets.Current(), nullptr);
  while (names.asked() < 3) {
    EXPECT_EQ(targets.Current(), nullptr);
    absl::SleepFor(absl::Milliseconds(1));
  }
  names.Set({"127.0.0.1:1"});
  EXPECT_EQ(Await(targets), "127.0.0.1:1");
  names.Set({});
  const int before = names.asked();
  while (names.asked() < before + 3) {
    targets.TurnToNext();
    EXPECT_EQ(Await(targets), "127.0.0.1:1");
    absl::SleepFor(absl::Milliseconds(1));
  }
}

TEST(ConnectTargetsTest, NobodyWaitsForALookupAndWhatIsGivenUpIsNotMade) {
  const auto let_go = std::make_shared<absl::Notification>();
  std::atomic<int> asked{0};
  NameLookup lookup([let_go, &asked](const std::string& address) -> NameLookup::Answer {
    ++asked;
    let_go->WaitForNotification();
    return FindAddresses(address, AI_NUMERICHOST);
  });
  ConnectTargets first("slow.test:1", lookup);
  EXPECT_EQ(first.Current(), nullptr);
  for (int i = 0; i < 100; ++i) {
    ConnectTargets given_up(absl::StrCat(i, ".test:1"), lookup);
    EXPECT_EQ(given_up.Current(), nullptr);
  }
  const auto last = lookup.Ask("127.0.0.1:7");
  EXPECT_FALSE(lookup.AnswerTo(*last).has_value());
  let_go->Notify();
  while (!lookup.AnswerTo(*last).has_value()) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(ToString(lookup.AnswerTo(*last)->value().front()), "127.0.0.1:7");
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace blixard::rpc
