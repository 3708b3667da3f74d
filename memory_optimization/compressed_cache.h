// A cache for large texts that are read now and then: inventories, reports, rendered documents.
// Holds them compressed, bounded by the bytes that takes; a text read often is kept in a form that
// takes more room and less time.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_COMPRESSED_CACHE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_COMPRESSED_CACHE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/arc_cache.h"
#include "memory_optimization/compressed_block.h"

namespace blixard::memory {

struct CompressedCacheOptions {
  std::string name = "compressed cache";
  uint64_t max_bytes = uint64_t{64} << 20;  // of compressed texts, their keys and bookkeeping
  // A text compressed with zstd is kept as LZ4 from this read on; 0: never.
  uint32_t hot_after_reads = 8;
  std::chrono::nanoseconds time_to_live = std::chrono::nanoseconds::zero();  // zero: for ever
  CacheClock clock = SteadyClockNs;
};

struct CompressedCacheStats {
  ArcCacheStats cache = {};    // weight: bytes
  uint64_t text_bytes = 0;     // ever stored, before compression
  uint64_t stored_bytes = 0;   // and after
  uint64_t stored_raw = 0;     // texts that did not shrink
  uint64_t turned_hot = 0;     // recompressed for speed
  uint64_t found_damaged = 0;  // and thrown away
};

// Thread-safe. What a call returns lies in the caller's `scratch`: give the same string again and
// again and nothing is allocated for it.
class CompressedCache {
 public:
  explicit CompressedCache(CompressedCacheOptions options = {});

  // Errors: CompressedBlock::Compress's. A text too large for the whole cache is not kept.
  absl::Status Put(absl::string_view key, absl::string_view text);

  // The text of `key`, or nothing. Errors: kDataLoss once for a text that was damaged in memory; it
  // is forgotten.
  absl::StatusOr<std::optional<absl::string_view>> Read(absl::string_view key,
                                                        std::string& scratch);

  // As Read; without a text, `factory()` provides one: a std::string or an
  // absl::StatusOr<std::string>. Single flight and errors as ArcCache::GetOrCreate.
  template <class Factory>
  absl::StatusOr<absl::string_view> GetOrCreate(absl::string_view key, Factory&& factory,
                                                std::string& scratch, const LoadWait& wait = {}) {
    auto compressed = [&]() -> absl::StatusOr<Stored> {
      absl::StatusOr<std::string> text = factory();
      if (!text.ok()) return text.status();
      return Compress(*text, Compression::kZstd);
    };
    const absl::StatusOr<Pinned<Stored>> pinned = cache_.GetOrCreate(key, compressed, wait);
    if (!pinned.ok()) return pinned.status();
    return Open(key, *pinned, scratch);
  }

  bool Invalidate(absl::string_view key) { return cache_.Invalidate(key); }

  CompressedCacheStats Stats() const;
  const CompressedCacheOptions& options() const { return options_; }

 private:
  struct Stored {
    explicit Stored(CompressedBlock&& compressed) : block(std::move(compressed)) {}
    Stored(Stored&& other) noexcept : block(std::move(other.block)) {}  // before anybody reads

    CompressedBlock block;
    mutable std::atomic<uint32_t> reads = 0;
  };
  using Cache = ArcCache<std::string, Stored>;

  static uint64_t Weigh(absl::string_view key, const Stored& stored);
  absl::StatusOr<Stored> Compress(absl::string_view text, Compression wanted);
  absl::StatusOr<absl::string_view> Open(absl::string_view key, const Pinned<Stored>& pinned,
                                         std::string& scratch);
  void TurnHot(absl::string_view key, const Pinned<Stored>& pinned, absl::string_view text);

  const CompressedCacheOptions options_;
  CompressionContexts contexts_;
  Cache cache_;
  std::atomic<uint64_t> text_bytes_ = 0;
  std::atomic<uint64_t> stored_bytes_ = 0;
  std::atomic<uint64_t> stored_raw_ = 0;
  std::atomic<uint64_t> turned_hot_ = 0;
  std::atomic<uint64_t> found_damaged_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_COMPRESSED_CACHE_H_
