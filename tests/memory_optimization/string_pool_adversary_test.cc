// Keys chosen to collide must cost no more than others: the steps of lookups are counted, so that
// no noise of the machine hides a regression.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "memory_optimization/string_pool.h"

#define XXH_STATIC_LINKING_ONLY  // for the published secret's derivation from a seed
#include <xxhash.h>

namespace blixard::memory {
namespace {

constexpr size_t kKeys = 20'000;

struct Cost {
  double mean = 0;  // cache lines of the table and texts compared, per lookup
  size_t worst = 0;
};

Cost CostOf(const std::vector<std::string>& keys, std::optional<uint64_t> seed = {}) {
  StringPool pool({.seed = seed});
  for (const std::string& key : keys) EXPECT_TRUE(pool.Intern(key).ok());
  Cost cost;
  for (const std::string& key : keys) {
    const StringProbe probe = pool.Probe(key);
    cost.mean +=
        static_cast<double>(probe.buckets + probe.texts) / static_cast<double>(keys.size());
    cost.worst = std::max(cost.worst, probe.buckets + probe.texts);
  }
  return cost;
}

std::vector<std::string> OrdinaryKeys() {
  std::vector<std::string> keys;
  for (size_t i = 0; i < kKeys; ++i) {
    const std::string digits = std::to_string(i);
    keys.push_back("tenant-" + std::string(11 - digits.size(), '0') + digits);
  }
  return keys;
}

std::string Word(uint64_t value) {
  std::string bytes(sizeof(value), '\0');
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

void ExpectNoDearer(const std::vector<std::string>& keys, const char* what) {
  const Cost ordinary = CostOf(OrdinaryKeys());
  const Cost hostile = CostOf(keys);
  EXPECT_LT(hostile.mean, 4 * ordinary.mean) << what;
  EXPECT_LT(hostile.worst, 4 * ordinary.worst) << what;
}

TEST(StringPoolAdversaryTest, IntegersShiftedUpAreNoDearer) {
  for (const int shift : {0, 8, 16, 32, 40, 48}) {
    SCOPED_TRACE(shift);
    std::vector<std::string> words;
    std::vector<std::string> names;
    for (uint64_t i = 0; i < kKeys; ++i) {
      if (shift == 48 && i > 0xFFFF) break;
      words.push_back(Word(i << shift));
      names.push_back(Word(i << shift) + std::string(10, '\0'));
    }
    ExpectNoDearer(words, "8 bytes");
    ExpectNoDearer(names, "18 bytes");
  }
}

// Both XXH3 and NH multiply two words of the text, each mixed with a word of the secret: who knows
// the secret makes one factor zero, and the other no longer matters.
std::vector<std::string> KeysWithFixedWords(uint64_t first, uint64_t third) {
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < kKeys; ++i) {
    keys.push_back(Word(first) + Word(i * 0x9e3779b97f4a7c15u) + Word(third) + Word(~i));
  }
  return keys;
}

TEST(StringPoolAdversaryTest, KeysBuiltAgainstThePublishedSecretAreNoDearer) {
  uint64_t words[24];
  XXH3_generateSecret_fromSeed(words, 0);
  const std::vector<std::string> keys = KeysWithFixedWords(words[0], words[2]);
  // They do collide where the secret is the published one.
  ASSERT_EQ(XXH3_64bits(keys[0].data(), keys[0].size()),
            XXH3_64bits(keys[1].data(), keys[1].size()));
  ExpectNoDearer(keys, "published secret");
}

// SplitMix64 from the seed, as TextHash makes its secret.
std::vector<std::string> KeysAgainstSeed(uint64_t seed) {
  uint64_t words[4];
  for (uint64_t& word : words) {
    seed += 0x9e3779b97f4a7c15u;
    word = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    word ^= word >> 31;
  }
  return KeysWithFixedWords(0 - words[0], 0 - words[2]);  // NH adds the secret
}

TEST(StringPoolAdversaryTest, KeysBuiltAgainstAKnownSeedAreNoDearerInPoolsOfTheirOwn) {
  for (const uint64_t seed : {0u, 1u, 42u}) {
    const std::vector<std::string> keys = KeysAgainstSeed(seed);
    ExpectNoDearer(keys, "a random secret");
    const Cost elsewhere = CostOf(keys, seed + 1);
    EXPECT_LT(elsewhere.mean, 4 * CostOf(OrdinaryKeys()).mean) << "another seed";
  }
}

// The neighbour, which shows that these keys are what they claim: only a pool whose own seed is
// known suffers, which is why a seed is for runs that must be repeated.
TEST(StringPoolAdversaryTest, OnlyAPoolWhoseOwnSeedIsKnownSuffers) {
  const std::vector<std::string> all = KeysAgainstSeed(42);
  const std::vector<std::string> keys(all.begin(), all.begin() + 2'000);
  EXPECT_GT(CostOf(keys, 42).mean, 100);
}

}  // namespace
}  // namespace blixard::memory
