#include "memory_optimization/compressed_cache.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "memory_optimization/compressed_block.h"

namespace blixard::memory {
namespace {

std::string Inventory(int nodes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text = "[";
  for (int i = 0; i < nodes; ++i) {
    absl::StrAppend(&text, R"({"node":"node-)", i, R"(","zone":"zone-)", random() % 3,
                    R"(","vcpus":)", 8 << random() % 4, R"(,"memory_mib":)",
                    1024 * (random() % 512), R"(,"labels":{"disk":"ssd","gpu":"none"}},)");
  }
  return text + "]";
}

std::string Noise(size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(bytes, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

TEST(CompressedBlockTest, EveryTextComesBack) {
  CompressionContext context;
  std::string scratch;
  for (const Compression wanted : {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    for (const std::string& text : {std::string(), std::string("x"), std::string(100'000, 'a'),
                                    Inventory(100, 1), Noise(5'000, 1)}) {
      const auto block = CompressedBlock::Compress(text, wanted, context);
      ASSERT_TRUE(block.ok());
      EXPECT_EQ(block->text_bytes(), text.size());
      EXPECT_EQ(*block->Decompress(scratch, context), text);
    }
  }
}

TEST(CompressedBlockTest, ShrinksWhatRepeatsAndStoresRawWhatDoesNot) {
  CompressionContext context;
  const std::string text = Inventory(500, 1);
  const auto zstd = CompressedBlock::Compress(text, Compression::kZstd, context);
  const auto lz4 = CompressedBlock::Compress(text, Compression::kLz4, context);
  EXPECT_EQ(zstd->compression(), Compression::kZstd);
  EXPECT_LT(zstd->stored().size() * 5, text.size());
  EXPECT_EQ(lz4->compression(), Compression::kLz4);
  EXPECT_LT(zstd->stored().size(), lz4->stored().size());
  for (const Compression wanted : {Compression::kLz4, Compression::kZstd}) {
    const std::string noise = Noise(5'000, 2);
    const auto raw = CompressedBlock::Compress(noise, wanted, context);
    EXPECT_EQ(raw->compression(), Compression::kNone);
    EXPECT_EQ(raw->stored().size(), noise.size());
  }
}

TEST(CompressedBlockTest, EveryDamagedByteIsDetected) {
  CompressionContext context;
  std::string scratch;
  const std::string text = Inventory(20, 3);
  for (const Compression wanted : {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    const auto block = CompressedBlock::Compress(text, wanted, context);
    char* stored = const_cast<char*>(block->stored().data());
    for (size_t at = 0; at < block->stored().size(); ++at) {
      stored[at] ^= 0x10;
      const auto damaged = block->Decompress(scratch, context);
      // A codec may not care about a bit (zstd's header has some); then the text must be right.
      EXPECT_TRUE(absl::IsDataLoss(damaged.status()) || *damaged == text) << "byte " << at;
      stored[at] ^= 0x10;
    }
    EXPECT_EQ(*block->Decompress(scratch, context), text);
  }
}

TEST(CompressedBlockTest, DecompressingIntoALargerScratchKeepsIt) {
  CompressionContext context;
  std::string scratch(1'000'000, 's');
  const auto block = CompressedBlock::Compress("short", Compression::kZstd, context);
  const auto text = block->Decompress(scratch, context);
  EXPECT_EQ(*text, "short");
  EXPECT_EQ(text->data(), scratch.data());
  EXPECT_EQ(scratch.size(), 1'000'000u);
}

TEST(CompressedCacheTest, ReadsWhatWasPut) {
  CompressedCache cache;
  std::string scratch;
  const std::string text = Inventory(100, 1);
  ASSERT_TRUE(cache.Put("nodes", text).ok());
  EXPECT_EQ(**cache.Read("nodes", scratch), text);
  EXPECT_FALSE(cache.Read("others", scratch)->has_value());
  EXPECT_TRUE(cache.Invalidate("nodes"));
  EXPECT_FALSE(cache.Read("nodes", scratch)->has_value());
}

TEST(CompressedCacheTest, LoadsOnceAndPassesErrorsOn) {
  CompressedCache cache;
  std::string scratch;
  int loads = 0;
  const auto load = [&] {
    ++loads;
    return std::string("text");
  };
  EXPECT_EQ(cache
                .GetOrCreate(
                    "k", []() -> absl::StatusOr<std::string> { return absl::NotFoundError("no"); },
                    scratch)
                .status(),
            absl::NotFoundError("no"));
  EXPECT_EQ(*cache.GetOrCreate("k", load, scratch), "text");
  EXPECT_EQ(*cache.GetOrCreate("k", load, scratch), "text");
  EXPECT_EQ(loads, 1);
}

TEST(CompressedCacheTest, TheBoundIsInCompressedBytes) {
  CompressedCache cache({.max_bytes = 100'000});
  std::string scratch;
  uint64_t kept_text_bytes = 0;
  for (unsigned i = 0; i < 100; ++i) {
    ASSERT_TRUE(cache.Put(absl::StrCat("inventory-", i), Inventory(200, i)).ok());
    ASSERT_LE(cache.Stats().cache.weight, 100'000u);
  }
  for (unsigned i = 0; i < 100; ++i) {
    const auto text = *cache.Read(absl::StrCat("inventory-", i), scratch);
    if (text.has_value()) kept_text_bytes += text->size();
  }
  EXPECT_GT(kept_text_bytes, 300'000u);
  EXPECT_GT(cache.Stats().text_bytes, 4 * cache.Stats().stored_bytes);
}

TEST(CompressedCacheTest, ATextThatDoesNotShrinkIsStoredRaw) {
  CompressedCache cache;
  std::string scratch;
  const std::string noise = Noise(10'000, 1);
  ASSERT_TRUE(cache.Put("noise", noise).ok());
  EXPECT_EQ(cache.Stats().stored_raw, 1u);
  EXPECT_EQ(cache.Stats().stored_bytes, 10'000u);
  EXPECT_EQ(**cache.Read("noise", scratch), noise);
}

TEST(CompressedCacheTest, WhatIsReadOftenIsKeptForSpeed) {
  CompressedCache cache({.hot_after_reads = 3});
  std::string scratch;
  const std::string text = Inventory(300, 1);
  ASSERT_TRUE(cache.Put("hot", text).ok());
  const uint64_t cold_weight = cache.Stats().cache.weight;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(**cache.Read("hot", scratch), text);
  EXPECT_EQ(cache.Stats().turned_hot, 1u);
  EXPECT_GT(cache.Stats().cache.weight, cold_weight);
  CompressedCache never({.hot_after_reads = 0});
  ASSERT_TRUE(never.Put("hot", text).ok());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(**never.Read("hot", scratch), text);
  EXPECT_EQ(never.Stats().turned_hot, 0u);
}

TEST(CompressedCacheTest, ThreadsReadAndWriteAtOnce) {
  CompressedCache cache({.max_bytes = 40'000, .hot_after_reads = 2});
  std::vector<std::string> texts;
  for (unsigned i = 0; i < 20; ++i) texts.push_back(Inventory(100, i));
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      std::string scratch;
      for (int i = 0; i < 300; ++i) {
        const size_t n = random() % texts.size();
        const auto text = cache.GetOrCreate(
            absl::StrCat(n), [&] { return texts[n]; }, scratch);
        ASSERT_TRUE(text.ok());
        ASSERT_EQ(*text, texts[n]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cache.Stats().cache.pinned, 0u);
}

}  // namespace
}  // namespace blixard::memory
