#include "memory_optimization/compressed_block.h"

#include <lz4.h>
#define XXH_INLINE_ALL  // as text_hash.h
#include <xxhash.h>
#include <zstd.h>

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace blixard::memory {
namespace {

constexpr int kZstdLevel = 1;
constexpr size_t kMaxBufferBytes = size_t{4} << 20;  // kept between uses

struct Packed {
  absl::string_view bytes;
  Compression compression;
};

// The text as it is when it does not shrink.
Packed Pack(absl::string_view text, size_t packed_bytes, const char* packed, Compression how) {
  if (packed_bytes == 0 || packed_bytes >= text.size()) return {text, Compression::kNone};
  return {absl::string_view(packed, packed_bytes), how};
}

Packed PackLz4(absl::string_view text, CompressionContext& context) {
  const int bound = LZ4_compressBound(static_cast<int>(text.size()));
  char* buffer = context.Buffer(static_cast<size_t>(bound));
  const int packed =
      LZ4_compress_default(text.data(), buffer, static_cast<int>(text.size()), bound);
  return Pack(text, static_cast<size_t>(packed), buffer, Compression::kLz4);
}

Packed PackZstd(absl::string_view text, ZSTD_CCtx* compressor, CompressionContext& context) {
  const size_t bound = ZSTD_compressBound(text.size());
  char* buffer = context.Buffer(bound);
  const size_t packed =
      ZSTD_compressCCtx(compressor, buffer, bound, text.data(), text.size(), kZstdLevel);
  return Pack(text, ZSTD_isError(packed) ? 0 : packed, buffer, Compression::kZstd);
}

absl::Status NoMemory() {
  return absl::ResourceExhaustedError("zstd: want memory for a context, got none");
}

}  // namespace

void CompressionContext::Free::operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
void CompressionContext::Free::operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }

ZSTD_CCtx* CompressionContext::compressor() {
  if (compressor_ == nullptr) compressor_.reset(ZSTD_createCCtx());
  return compressor_.get();
}

ZSTD_DCtx* CompressionContext::decompressor() {
  if (decompressor_ == nullptr) decompressor_.reset(ZSTD_createDCtx());
  return decompressor_.get();
}

char* CompressionContext::Buffer(size_t bytes) {
  if (bytes > buffer_bytes_) {
    buffer_.reset(new char[bytes]);
    buffer_bytes_ = bytes;
  }
  return buffer_.get();
}

void CompressionContext::Trim() {
  if (buffer_bytes_ <= kMaxBufferBytes) return;
  buffer_ = nullptr;
  buffer_bytes_ = 0;
}

// Room to put a context back is made when it is made.
std::unique_ptr<CompressionContext> CompressionContexts::Take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) {
    idle_.reserve(contexts_ + 1);
    auto context = std::make_unique<CompressionContext>();
    ++contexts_;
    return context;
  }
  auto context = std::move(idle_.back());
  idle_.pop_back();
  return context;
}

void CompressionContexts::Put(std::unique_ptr<CompressionContext> context) {
  context->Trim();
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(context));
}

CompressedBlock::CompressedBlock(absl::string_view text, absl::string_view stored,
                                 Compression compression)
    : stored_(new char[stored.size()]),
      stored_bytes_(stored.size()),
      text_bytes_(text.size()),
      checksum_(XXH3_64bits(text.data(), text.size())),
      compression_(compression) {
  if (!stored.empty()) std::memcpy(stored_.get(), stored.data(), stored.size());
}

absl::StatusOr<CompressedBlock> CompressedBlock::Compress(absl::string_view text,
                                                          Compression wanted,
                                                          CompressionContext& context) {
  if (text.size() > kMaxBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("text: want at most ", kMaxBytes, " bytes, got ", text.size()));
  }
  Packed packed = {text, Compression::kNone};
  if (wanted == Compression::kLz4) packed = PackLz4(text, context);
  if (wanted == Compression::kZstd) {
    ZSTD_CCtx* compressor = context.compressor();
    if (compressor == nullptr) return NoMemory();
    packed = PackZstd(text, compressor, context);
  }
  return CompressedBlock(text, packed.bytes, packed.compression);
}

// Both libraries check every length on the way, so damaged input is only ever refused or garbled.
bool CompressedBlock::DecompressInto(char* text, ZSTD_DCtx* decompressor) const {
  switch (compression_) {
    case Compression::kNone:
      if (text_bytes_ > 0) std::memcpy(text, stored_.get(), text_bytes_);
      return true;
    case Compression::kLz4:
      return LZ4_decompress_safe(stored_.get(), text, static_cast<int>(stored_bytes_),
                                 static_cast<int>(text_bytes_)) == static_cast<int>(text_bytes_);
    case Compression::kZstd:
      return ZSTD_decompressDCtx(decompressor, text, text_bytes_, stored_.get(), stored_bytes_) ==
             text_bytes_;
  }
  return false;
}

absl::StatusOr<absl::string_view> CompressedBlock::Decompress(std::string& scratch,
                                                              CompressionContext& context) const {
  ZSTD_DCtx* decompressor = nullptr;
  if (compression_ == Compression::kZstd) {
    decompressor = context.decompressor();
    if (decompressor == nullptr) return NoMemory();
  }
  if (scratch.size() < text_bytes_) scratch.resize(text_bytes_);
  if (!DecompressInto(scratch.data(), decompressor) ||
      XXH3_64bits(scratch.data(), text_bytes_) != checksum_) {
    return absl::DataLossError(absl::StrCat("compressed text: want the ", text_bytes_,
                                            " bytes that were stored, got others"));
  }
  return absl::string_view(scratch.data(), text_bytes_);
}

}  // namespace blixard::memory
