#include "memory_optimization/flat_map.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace blixard::memory {
namespace {

enum class Color : uint8_t { kRed, kGreen };

TEST(FlatMapTest, HoldsWordsTextsAndEverythingAbslHashes) {
  FlatMap<int, int> numbers = {{-1, 1}, {2, 2}};
  EXPECT_EQ(numbers[-1], 1);
  EXPECT_FALSE(numbers.contains(3));
  FlatMap<Color, int> colors = {{Color::kGreen, 1}};
  EXPECT_FALSE(colors.contains(Color::kRed));
  FlatSet<std::pair<int, std::string>> pairs = {{1, "one"}};
  EXPECT_TRUE(pairs.contains({1, "one"}));
  EXPECT_FALSE(pairs.contains({1, "two"}));
}

TEST(FlatMapTest, TextKeysAreFoundByAnyTextType) {
  FlatMap<std::string, int> ports = {{"web", 80}};
  EXPECT_EQ(ports.find(std::string_view("web"))->second, 80);
  EXPECT_EQ(ports.find(absl::string_view("web"))->second, 80);
  EXPECT_EQ(ports.find("web")->second, 80);
  EXPECT_FALSE(ports.contains(std::string_view("db")));
  const std::string with_nul("a\0b", 3);
  ports[with_nul] = 1;
  EXPECT_TRUE(ports.contains(with_nul));
  EXPECT_FALSE(ports.contains("a"));
}

TEST(FlatMapTest, AgreesWithStdMapOnRandomOperations) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  FlatMap<uint64_t, uint64_t> map;
  std::map<uint64_t, uint64_t> model;
  for (uint64_t step = 0; step < 50'000; ++step) {
    const uint64_t key = random() % (1 + step / 10);
    switch (random() % 4) {
      case 0:
        map[key] = model[key] = step;
        break;
      case 1:
        ASSERT_EQ(map.try_emplace(key, step).second, model.try_emplace(key, step).second);
        break;
      case 2:
        ASSERT_EQ(map.erase(key), model.erase(key));
        break;
      default:
        ASSERT_EQ(map.contains(key), model.contains(key));
    }
    ASSERT_EQ(map.size(), model.size());
  }
  EXPECT_EQ((std::map<uint64_t, uint64_t>(map.begin(), map.end())), model);
}

TEST(FlatMapTest, CopiesAreEqualAndTheirOwn) {
  FlatMap<std::string, int> ports = {{"web", 80}, {"db", 5432}};
  FlatMap<std::string, int> copy = ports;
  EXPECT_EQ(copy, ports);
  copy.insert_or_assign("web", 8080);
  EXPECT_NE(copy, ports);
  ports = std::move(copy);
  EXPECT_EQ(ports["web"], 8080);
  FlatSet<int> set = {1, 2, 3};
  FlatSet<int> other = {4};
  other = set;
  EXPECT_EQ(other, set);
  EXPECT_TRUE(other.insert(set.extract(2)).node.empty() == false) << "2 is there already";
  EXPECT_EQ(set.size(), 2u);
}

TEST(FlatMapTest, AbsurdReserveIsRefused) {
  FlatMap<int, int> map = {{1, 1}};
  for (const size_t count : {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 8, SIZE_MAX / 32}) {
    EXPECT_THROW(map.reserve(count), std::bad_alloc) << count;
  }
  EXPECT_EQ(map[1], 1);
}

// Counts how often a table compares keys: what a bad hash costs, whatever the machine.
struct CountingEqual {
  template <class Key>
  bool operator()(const Key& left, const Key& right) const {
    ++*compares;
    return left == right;
  }
  uint64_t* compares;
};

struct LowHalfHash {  // as FxHash: multiply and keep the low 64 bits
  size_t operator()(uint64_t key) const { return key * 0x517cc1b727220a95u; }
};

constexpr size_t kKeys = 20'000;
// One compare finds the key; a table as full as these sees a stranger in every tenth lookup. The
// seed differs from run to run, so there is some room.
constexpr double kFewCompares = 1.5;

template <class Hash, class Key>
double ComparesPerLookup(const std::vector<Key>& keys) {
  uint64_t compares = 0;
  absl::flat_hash_set<Key, Hash, CountingEqual> set(0, Hash{}, CountingEqual{&compares});
  for (const Key& key : keys) set.insert(key);
  compares = 0;
  for (const Key& key : keys) EXPECT_TRUE(set.contains(key));
  return static_cast<double>(compares) / static_cast<double>(keys.size());
}

std::vector<uint64_t> ShiftedKeys(int shift, size_t count = kKeys) {
  std::vector<uint64_t> keys;
  for (uint64_t i = 0; i < count; ++i) keys.push_back(i << shift);
  return keys;
}

TEST(FlatMapTest, ShiftedKeysDoNotDegrade) {
  for (int shift = 0; shift <= 48; shift += 4) {
    EXPECT_LT(ComparesPerLookup<FlatHash<uint64_t>>(ShiftedKeys(shift)), kFewCompares)
        << "keys i << " << shift;
  }
}

TEST(FlatMapTest, HashThatKeepsTheLowHalfDegradesSoTheTestAboveWouldSeeIt) {
  EXPECT_GT(ComparesPerLookup<LowHalfHash>(ShiftedKeys(32, 5'000)), 4 * kFewCompares);
}

TEST(FlatMapTest, StridedAndNegativeKeysDoNotDegrade) {
  for (const uint64_t stride : {3u, 10u, 100u, 4096u, 65'537u, 1'000'000'007u}) {
    std::vector<int64_t> keys;
    for (size_t i = 0; i < kKeys; ++i) keys.push_back(-static_cast<int64_t>(i * stride));
    EXPECT_LT(ComparesPerLookup<FlatHash<int64_t>>(keys), kFewCompares) << "stride " << stride;
  }
}

TEST(FlatMapTest, TextsThatDifferInOnePlaceDoNotDegrade) {
  for (const size_t length : {4u, 8u, 18u, 40u, 200u, 500u}) {
    std::vector<std::string> keys;
    for (size_t i = 0; i < 10'000; ++i) {
      std::string key(length, 'x');
      for (size_t digit = 0, rest = i; digit < 4; ++digit, rest /= 10) {
        key[digit] = static_cast<char>('0' + rest % 10);
      }
      keys.push_back(key);
    }
    EXPECT_LT(ComparesPerLookup<FlatHash<std::string>>(keys), kFewCompares)
        << length << " characters";
  }
}

TEST(FlatHashTest, EveryBitOfTheKeyFlipsEveryBitOfTheHash) {
  std::mt19937_64 random(1);
  constexpr int kRounds = 2000;
  for (int bit = 0; bit < 64; ++bit) {
    int flips[64] = {};
    for (int round = 0; round < kRounds; ++round) {
      const uint64_t key = random();
      const uint64_t changed =
          FlatHash<uint64_t>{}(key) ^ FlatHash<uint64_t>{}(key ^ uint64_t{1} << bit);
      for (int out = 0; out < 64; ++out) flips[out] += static_cast<int>(changed >> out & 1);
    }
    int live = 0;
    for (const int count : flips) live += count > kRounds / 10 ? 1 : 0;
    EXPECT_GE(live, 48) << "key bit " << bit;
  }
}

}  // namespace
}  // namespace blixard::memory
