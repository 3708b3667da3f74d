#include "rpc/transport/link_table.h"

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace blixard::rpc {
namespace {

using raft::ReplicaId;

// Dies when it is used after its end.
struct Link {
  explicit Link(int number) : number(number) {}
  ~Link() { alive = false; }
  void Use() {
    CHECK(alive);
    uses.fetch_add(1, std::memory_order_relaxed);
  }
  const int number;
  std::atomic<bool> alive{true};
  std::atomic<int> uses{0};
};

// On the heap: the address sanitizer of g++ 12 does not keep the alignment of what stands on the
// stack.
template <size_t kMaxLinks>
std::unique_ptr<LinkTable<Link, kMaxLinks>> NewTable() {
  return std::make_unique<LinkTable<Link, kMaxLinks>>();
}

TEST(LinkTableTest, FindsWhatWasAddedAndNothingElse) {
  const auto table = NewTable<2>();
  table->Add(ReplicaId{7}, std::make_unique<Link>(70));
  int seen = 0;
  EXPECT_TRUE(table->With(ReplicaId{7}, [&](Link& link) { seen = link.number; }));
  EXPECT_EQ(seen, 70);
  EXPECT_FALSE(table->With(ReplicaId{8}, [&](Link&) { FAIL(); }));
  EXPECT_EQ(table->Take(ReplicaId{8}), nullptr);
  EXPECT_EQ(table->Take(ReplicaId{7})->number, 70);
  EXPECT_FALSE(table->With(ReplicaId{7}, [&](Link&) { FAIL(); }));
}

TEST(LinkTableTest, RoomIsUsedAgain) {
  const auto table = NewTable<2>();
  for (int round = 0; round < 5; ++round) {
    table->Add(ReplicaId{1}, std::make_unique<Link>(1));
    table->Add(ReplicaId{2}, std::make_unique<Link>(2));
    int sum = 0;
    table->ForEach([&](ReplicaId, Link& link) { sum += link.number; });
    EXPECT_EQ(sum, 3);
    table->Take(ReplicaId{1});
    table->Take(ReplicaId{2});
  }
}

TEST(LinkTableTest, TwoLinksToOneReplicaAndTooManyAreBugs) {
  const auto table = NewTable<1>();
  table->Add(ReplicaId{1}, std::make_unique<Link>(1));
  EXPECT_DEATH(table->Add(ReplicaId{1}, std::make_unique<Link>(1)), "there is a link");
  EXPECT_DEATH(table->Add(ReplicaId{2}, std::make_unique<Link>(2)), "no room");
}

TEST(LinkTableTest, LinksComeAndGoWhileOthersUseThem) {
  constexpr int kRounds = 2000;
  const auto table = NewTable<4>();
  table->Add(ReplicaId{9}, std::make_unique<Link>(9));
  constexpr int kUsers = 3;
  std::atomic<bool> stop{false};
  std::atomic<int> begun{0};
  std::vector<std::thread> users;
  for (int i = 0; i < kUsers; ++i) {
    users.emplace_back([&] {
      ++begun;
      do {
        for (uint64_t id : {1, 2, 9}) table->With(ReplicaId{id}, [](Link& link) { link.Use(); });
        table->ForEach([](ReplicaId, Link& link) { link.Use(); });
      } while (!stop.load());
    });
  }
  // The rounds may take less time than the threads need to begin.
  while (begun.load() < kUsers) std::this_thread::yield();
  for (int round = 0; round < kRounds; ++round) {
    table->Add(ReplicaId{1}, std::make_unique<Link>(1));
    table->Add(ReplicaId{2}, std::make_unique<Link>(2));
    table->Take(ReplicaId{round % 2 == 0 ? 1u : 2u});
    table->Take(ReplicaId{round % 2 == 0 ? 2u : 1u});
  }
  stop = true;
  for (std::thread& user : users) user.join();
  EXPECT_GT(table->Take(ReplicaId{9})->uses.load(), 0);
}

}  // namespace
}  // namespace blixard::rpc
