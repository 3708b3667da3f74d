#include "tests/simulation/virtual_network.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace blixard::raft {
namespace {

constexpr Link kThere{.from = 0, .to = 1};
constexpr Link kBack{.from = 1, .to = 0};
constexpr int kMessages = 4000;

struct Counted {
  int lost = 0;
  int doubled = 0;
  VirtualTime slowest = 0;
};

Counted SendMany(VirtualNetwork& network, Link link) {
  Counted counted;
  for (int i = 0; i < kMessages; ++i) {
    const Deliveries deliveries = network.Route(link);
    if (deliveries.count == 0) ++counted.lost;
    if (deliveries.count == 2) ++counted.doubled;
    for (size_t copy = 0; copy < deliveries.count; ++copy) {
      EXPECT_GT(deliveries.delays[copy], 0);
      counted.slowest = std::max(counted.slowest, deliveries.delays[copy]);
    }
  }
  return counted;
}

TEST(VirtualNetworkTest, WithoutFaultsEveryMessageArrivesOnceAndSoon) {
  VirtualNetwork network(3, 1);
  const Counted counted = SendMany(network, kThere);
  EXPECT_EQ(counted.lost, 0);
  EXPECT_EQ(counted.doubled, 0);
  EXPECT_LT(counted.slowest, 50 * kMillisecond);
}

TEST(VirtualNetworkTest, ACutStopsOneDirectionUntilEveryCutIsMended) {
  VirtualNetwork network(3, 1);
  network.Cut(kThere);
  network.Cut(kThere);
  EXPECT_EQ(SendMany(network, kThere).lost, kMessages);
  EXPECT_EQ(SendMany(network, kBack).lost, 0);
  network.Mend(kThere);
  EXPECT_FALSE(network.Reaches(kThere));
  network.Mend(kThere);
  EXPECT_EQ(SendMany(network, kThere).lost, 0);
}

TEST(VirtualNetworkTest, DropsTheShareThatIsAskedForAndOverlappingFaultsAdd) {
  VirtualNetwork network(3, 1);
  network.AddDrops(100);
  network.AddDrops(100);
  EXPECT_NEAR(SendMany(network, kThere).lost, kMessages / 5, kMessages / 20);
  network.AddDrops(-200);
  EXPECT_EQ(SendMany(network, kThere).lost, 0);
}

TEST(VirtualNetworkTest, DoublesTheShareThatIsAskedFor) {
  VirtualNetwork network(3, 1);
  network.AddDuplicates(300);
  EXPECT_NEAR(SendMany(network, kThere).doubled, kMessages * 3 / 10, kMessages / 20);
}

TEST(VirtualNetworkTest, SlowLinksAndJitterDelay) {
  VirtualNetwork network(3, 1);
  network.SlowDown(kThere, kSecond);
  EXPECT_GT(network.Route(kThere).delays[0], kSecond);
  EXPECT_LT(network.Route(kBack).delays[0], kSecond);
  network.SlowDown(kThere, -kSecond);
  network.AddJitter(kSecond);
  EXPECT_GT(SendMany(network, kThere).slowest, kSecond / 2);
}

TEST(VirtualNetworkTest, HealedItIsAsAtTheBeginning) {
  VirtualNetwork network(3, 1);
  network.Cut(kThere);
  network.SlowDown(kThere, kSecond);
  network.AddDrops(500);
  network.AddDuplicates(500);
  network.AddJitter(kSecond);
  network.Heal();
  const Counted counted = SendMany(network, kThere);
  EXPECT_EQ(counted.lost, 0);
  EXPECT_EQ(counted.doubled, 0);
  EXPECT_LT(counted.slowest, 50 * kMillisecond);
}

TEST(VirtualNetworkTest, TheSeedDecidesAlone) {
  VirtualNetwork one(3, 7), same(3, 7), other(3, 8);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const VirtualTime delay = one.Route(kThere).delays[0];
    EXPECT_EQ(delay, same.Route(kThere).delays[0]);
    differs = differs || delay != other.Route(kThere).delays[0];
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace blixard::raft
