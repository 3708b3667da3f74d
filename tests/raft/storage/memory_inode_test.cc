#include "tests/raft/storage/memory_inode.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <set>
#include <string>

namespace blixard::raft {
namespace {

std::string Sectors(const std::string& letters) {
  std::string bytes;
  for (char letter : letters) bytes += std::string(kSectorBytes, letter);
  return bytes;
}

MemoryInode Synced(const std::string& bytes) {
  MemoryInode inode;
  inode.Put(0, bytes);
  inode.Sync();
  return inode;
}

TEST(MemoryInodeTest, WhatWasSyncedSurvivesEveryCrash) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SplitMix random(seed);
    MemoryInode inode = Synced("kept");
    inode.LosePower(&random);
    EXPECT_EQ(inode.data(), "kept") << "seed " << seed;
  }
}

TEST(MemoryInodeTest, OfUnsyncedWritesAnySectorMayStayGoOrBeDamaged) {
  std::set<std::string> seen;
  size_t damaged = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SplitMix random(seed);
    MemoryInode inode = Synced(Sectors("aa"));
    inode.Put(0, Sectors("bb"));
    inode.Put(kSectorBytes, Sectors("c"));
    inode.LosePower(&random);
    ASSERT_EQ(inode.size(), 2 * kSectorBytes);
    std::string summary;
    for (const std::string& sector :
         {inode.data().substr(0, kSectorBytes), inode.data().substr(kSectorBytes)}) {
      summary += sector.front();
      if (sector != std::string(kSectorBytes, sector.front())) summary.back() = '?';
    }
    damaged += summary.find('?') != std::string::npos ? 1 : 0;
    if (summary.find('?') == std::string::npos) seen.insert(summary);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"aa", "ab", "ac", "ba", "bb", "bc"}));
  EXPECT_GT(damaged, 10u);
}

TEST(MemoryInodeTest, DamageIsOneBitAmongThoseThatWereToChange) {
  size_t damaged = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SplitMix random(seed);
    MemoryInode inode = Synced(Sectors("a"));
    inode.Put(100, "xyz");
    inode.LosePower(&random);
    EXPECT_EQ(inode.data().substr(0, 100), std::string(100, 'a')) << "seed " << seed;
    EXPECT_EQ(inode.data().substr(103), std::string(kSectorBytes - 103, 'a')) << "seed " << seed;
    const std::string written = inode.data().substr(100, 3);
    if (written == "aaa" || written == "xyz") continue;
    ++damaged;
    int bits = 0;
    for (size_t i = 0; i < 3; ++i) {
      bits += std::popcount(static_cast<uint8_t>(written[i] ^ "xyz"[i]));
    }
    EXPECT_EQ(bits, 1) << "seed " << seed;
  }
  EXPECT_GT(damaged, 0u);
}

TEST(MemoryInodeTest, GrowthThatWasNotSyncedMayBeGone) {
  std::set<size_t> sizes;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SplitMix random(seed);
    MemoryInode inode = Synced("abc");
    inode.Put(3, "def");
    inode.LosePower(&random);
    sizes.insert(inode.size());
  }
  EXPECT_EQ(sizes, (std::set<size_t>{3, 6}));
}

TEST(MemoryInodeTest, AFailedSyncIsNotMadeGoodByALaterOneThatSucceeds) {
  MemoryInode inode = Synced(Sectors("ab"));
  inode.Put(0, Sectors("x"));
  inode.FailSync();
  inode.Put(kSectorBytes, Sectors("y"));
  inode.Sync();
  EXPECT_EQ(inode.data(), Sectors("xy"));
  inode.LosePower(nullptr);
  EXPECT_EQ(inode.data(), Sectors("ay"));
}

TEST(MemoryInodeTest, WhatIsWrittenOnceMoreAfterAFailedSyncIsSafe) {
  MemoryInode inode = Synced(Sectors("a"));
  inode.Put(0, Sectors("xy"));
  inode.FailSync();
  inode.Put(0, Sectors("xy"));
  inode.Sync();
  inode.LosePower(nullptr);
  EXPECT_EQ(inode.data(), Sectors("xy"));
}

TEST(MemoryInodeTest, TheCacheForgetsOnlyWhatNoSyncHasWritten) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SplitMix random(seed);
    MemoryInode inode = Synced(Sectors("a"));
    inode.Put(0, Sectors("x"));
    inode.FailSync();
    inode.Put(kSectorBytes, Sectors("y"));
    inode.DropCache(random);
    EXPECT_EQ(inode.data().substr(kSectorBytes), Sectors("y"));
    seen.insert(inode.data().substr(0, 1));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"a", "x"}));
}

}  // namespace
}  // namespace blixard::raft
