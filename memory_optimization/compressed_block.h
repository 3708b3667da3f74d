// A text, compressed and sealed: what does not decompress to exactly what went in is reported,
// never handed out. zstd at level 1 for what is seldom read (smallest), LZ4 for what is read often
// (several times faster to decompress).
#ifndef BLIXARD_MEMORY_OPTIMIZATION_COMPRESSED_BLOCK_H_
#define BLIXARD_MEMORY_OPTIMIZATION_COMPRESSED_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace blixard::memory {

enum class Compression : uint8_t { kNone, kLz4, kZstd };

// The working memory of one compression or decompression; dear to make, so kept. One thread at a
// time.
class CompressionContext {
 public:
  CompressionContext() = default;

  // Null: no memory.
  ZSTD_CCtx_s* compressor();
  ZSTD_DCtx_s* decompressor();
  // At least `bytes`, undefined content; valid until the next call.
  char* Buffer(size_t bytes);
  // Gives back what a rare large text needed.
  void Trim();

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> compressor_;
  std::unique_ptr<ZSTD_DCtx_s, Free> decompressor_;
  std::unique_ptr<char[]> buffer_;
  size_t buffer_bytes_ = 0;
};

// As many contexts as threads work at once. Thread-safe.
class CompressionContexts {
 public:
  // Gives its context back when it goes; must not outlive the pool.
  class Lease {
   public:
    explicit Lease(CompressionContexts& pool) : pool_(pool), context_(pool.Take()) {}
    ~Lease() { pool_.Put(std::move(context_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    CompressionContext& operator*() const { return *context_; }

   private:
    CompressionContexts& pool_;
    std::unique_ptr<CompressionContext> context_;
  };

 private:
  std::unique_ptr<CompressionContext> Take();
  void Put(std::unique_ptr<CompressionContext> context);

  std::mutex mutex_;
  std::vector<std::unique_ptr<CompressionContext>> idle_;  // room for all that exist
  size_t contexts_ = 0;
};

// Immutable, movable.
class CompressedBlock {
 public:
  static constexpr size_t kMaxBytes = size_t{1} << 30;

  // A text that does not shrink is stored as it is. Errors: kInvalidArgument beyond kMaxBytes;
  // kResourceExhausted when the library gets no memory.
  static absl::StatusOr<CompressedBlock> Compress(absl::string_view text, Compression wanted,
                                                  CompressionContext& context);

  // The text, in `scratch`, which grows as needed and never shrinks. Errors: kDataLoss when the
  // stored bytes are not what Compress wrote; kResourceExhausted as above.
  absl::StatusOr<absl::string_view> Decompress(std::string& scratch,
                                               CompressionContext& context) const;

  Compression compression() const { return compression_; }
  size_t text_bytes() const { return text_bytes_; }
  absl::string_view stored() const { return {stored_.get(), stored_bytes_}; }

 private:
  CompressedBlock(absl::string_view text, absl::string_view stored, Compression compression);
  bool DecompressInto(char* text, ZSTD_DCtx_s* decompressor) const;

  std::unique_ptr<char[]> stored_;
  size_t stored_bytes_;
  size_t text_bytes_;
  uint64_t checksum_;  // of the text
  Compression compression_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_COMPRESSED_BLOCK_H_
