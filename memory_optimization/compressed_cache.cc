#include "memory_optimization/compressed_cache.h"

namespace blixard::memory {
namespace {

constexpr uint64_t kBookkeepingBytes = 192;  // an entry, its two cells, what the heap adds

void Add(std::atomic<uint64_t>& counter, uint64_t amount) {
  counter.fetch_add(amount, std::memory_order_relaxed);
}

}  // namespace

CompressedCache::CompressedCache(CompressedCacheOptions options)
    : options_(std::move(options)),
      cache_({.name = options_.name,
              .max_weight = options_.max_bytes,
              .weigher = Weigh,
              .time_to_live = options_.time_to_live,
              .clock = options_.clock}) {}

uint64_t CompressedCache::Weigh(absl::string_view key, const Stored& stored) {
  return kBookkeepingBytes + key.size() + stored.block.stored().size();
}

absl::StatusOr<CompressedCache::Stored> CompressedCache::Compress(absl::string_view text,
                                                                  Compression wanted) {
  const CompressionContexts::Lease context(contexts_);
  absl::StatusOr<CompressedBlock> block = CompressedBlock::Compress(text, wanted, *context);
  if (!block.ok()) return block.status();
  Add(text_bytes_, text.size());
  Add(stored_bytes_, block->stored().size());
  if (block->compression() == Compression::kNone) Add(stored_raw_, 1);
  return Stored(*std::move(block));
}

absl::Status CompressedCache::Put(absl::string_view key, absl::string_view text) {
  absl::StatusOr<Stored> stored = Compress(text, Compression::kZstd);
  if (!stored.ok()) return stored.status();
  cache_.Put(key, *std::move(stored));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<absl::string_view>> CompressedCache::Read(absl::string_view key,
                                                                       std::string& scratch) {
  const Pinned<Stored> pinned = cache_.Find(key);
  if (!pinned) return std::optional<absl::string_view>();
  const absl::StatusOr<absl::string_view> text = Open(key, pinned, scratch);
  if (!text.ok()) return text.status();
  return std::optional<absl::string_view>(*text);
}

absl::StatusOr<absl::string_view> CompressedCache::Open(absl::string_view key,
                                                        const Pinned<Stored>& pinned,
                                                        std::string& scratch) {
  absl::StatusOr<absl::string_view> text = [&] {
    const CompressionContexts::Lease context(contexts_);
    return pinned->block.Decompress(scratch, *context);
  }();
  if (absl::IsDataLoss(text.status())) {
    Add(found_damaged_, 1);
    cache_.Invalidate(key);
  }
  if (!text.ok()) return text;
  const uint32_t reads = pinned->reads.fetch_add(1, std::memory_order_relaxed) + 1;
  if (reads == options_.hot_after_reads && pinned->block.compression() == Compression::kZstd) {
    TurnHot(key, pinned, *text);
  }
  return text;
}

// Only if the text is still the one that was read, and gains by it.
void CompressedCache::TurnHot(absl::string_view key, const Pinned<Stored>& pinned,
                              absl::string_view text) {
  absl::StatusOr<Stored> hot = Compress(text, Compression::kLz4);
  if (!hot.ok() || hot->block.compression() != Compression::kLz4) return;
  if (cache_.Replace(key, pinned, *std::move(hot))) Add(turned_hot_, 1);
}

CompressedCacheStats CompressedCache::Stats() const {
  return {.cache = cache_.Stats(),
          .text_bytes = text_bytes_.load(std::memory_order_relaxed),
          .stored_bytes = stored_bytes_.load(std::memory_order_relaxed),
          .stored_raw = stored_raw_.load(std::memory_order_relaxed),
          .turned_hot = turned_hot_.load(std::memory_order_relaxed),
          .found_damaged = found_damaged_.load(std::memory_order_relaxed)};
}

}  // namespace blixard::memory
