#include "memory_optimization/buffer_pool.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace blixard::memory {
namespace {

using internal::BufferSizeClass;
using internal::SharedBlock;

constexpr size_t kMaxBlockBytes = size_t{1} << 30;
// What one thread keeps of one size; larger blocks always go to the depot, whose lock is small
// beside the work of filling them.
constexpr size_t kMagazineBytes = size_t{64} << 10;

BufferPoolOptions Checked(BufferPoolOptions options) {
  CHECK(std::has_single_bit(options.max_block_bytes) &&
        options.max_block_bytes >= BufferPool::kMinBlockBytes &&
        options.max_block_bytes <= kMaxBlockBytes)
      << "buffer pool \"" << options.name << "\": max_block_bytes: want a power of two from "
      << BufferPool::kMinBlockBytes << " to " << kMaxBlockBytes << ", got "
      << options.max_block_bytes;
  return options;
}

std::vector<std::unique_ptr<BufferSizeClass>> MakeClasses(BufferPool* pool) {
  std::vector<std::unique_ptr<BufferSizeClass>> classes;
  const BufferPoolOptions& options = pool->options();
  for (size_t bytes = BufferPool::kMinBlockBytes; bytes <= options.max_block_bytes; bytes *= 2) {
    classes.push_back(std::make_unique<BufferSizeClass>(pool, bytes, options.max_retained_bytes));
  }
  return classes;
}

}  // namespace

namespace internal {

BufferSizeClass::BufferSizeClass(BufferPool* owner, size_t bytes, size_t max_retained_bytes)
    : pool(owner),
      block_bytes(bytes),
      depot({.max_idle = max_retained_bytes / bytes,
             .magazine_items = kMagazineBytes / bytes,
             .dispose = &BufferPool::Dispose,
             .context = this}) {}

}  // namespace internal

BufferPool::BufferPool(BufferPoolOptions options)
    : options_(Checked(std::move(options))), classes_(MakeClasses(this)) {}

BufferPool::~BufferPool() {
  const PoolStats stats = Stats();
  CHECK_EQ(stats.live, 0u) << "buffer pool \"" << options_.name << "\" destroyed with "
                           << stats.live << " buffers of " << stats.live_bytes << " bytes out";
}

BufferPool& BufferPool::Default() {
  static BufferPool& pool = *new BufferPool;
  return pool;
}

absl::StatusOr<Buffer> BufferPool::Acquire(size_t size_bytes) {
  if (size_bytes > options_.max_block_bytes) [[unlikely]] {
    return absl::InvalidArgumentError(absl::StrCat("size_bytes: want <= ", options_.max_block_bytes,
                                                   " (buffer pool ", options_.name, "), got ",
                                                   size_bytes));
  }
  BufferSizeClass& home = ClassFor(size_bytes);
  const MagazineDepot::Grant grant = home.depot.Take();
  auto* block = static_cast<SharedBlock*>(grant.item);
  if (block == nullptr) [[unlikely]] {
    block = Build(home);
    if (block == nullptr) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "size_bytes: want room for a block of ", home.block_bytes, " in buffer pool ",
          options_.name, " (max_live_bytes ", options_.max_live_bytes, ", in existence ",
          bytes_.load(std::memory_order_relaxed), ") and on the heap, got none"));
    }
  }
  block->references.Start();
  block->size = 0;
  return Buffer(block);
}

absl::StatusOr<Buffer> BufferPool::AcquireCopy(absl::string_view content) {
  absl::StatusOr<Buffer> buffer = Acquire(content.size());
  if (buffer.ok() && !content.empty()) {
    buffer->block_->size = static_cast<uint32_t>(content.size());
    std::memcpy(buffer->block_->bytes(), content.data(), content.size());
  }
  return buffer;
}

void BufferPool::Seal(bool sealed) {
  for (const std::unique_ptr<BufferSizeClass>& size_class : classes_) {
    size_class->depot.Seal(sealed);
  }
}

size_t BufferPool::TrimIdle() {
  size_t freed = 0;
  for (const std::unique_ptr<BufferSizeClass>& size_class : classes_) {
    freed += size_class->depot.Trim(0);
  }
  return freed;
}

PoolStats BufferPool::Stats() const {
  PoolStats sum;
  for (const std::unique_ptr<BufferSizeClass>& size_class : classes_) {
    const PoolStats stats = size_class->depot.Stats();
    sum.live += stats.live;
    sum.idle += stats.idle;
    sum.peak += stats.peak;
    sum.acquired += stats.acquired;
    sum.exhausted += stats.exhausted;
    sum.live_bytes += stats.live * size_class->block_bytes;
    sum.idle_bytes += stats.idle * size_class->block_bytes;
  }
  return sum;
}

BufferSizeClass& BufferPool::ClassFor(size_t size_bytes) {
  const size_t steps = (std::max(size_bytes, kMinBlockBytes) - 1) / kMinBlockBytes;
  return *classes_[std::bit_width(steps)];
}

// Null when max_live_bytes or the heap forbids it; the leave to build is given back then.
SharedBlock* BufferPool::Build(BufferSizeClass& home) {
  void* memory = nullptr;
  if (ReserveBytes(home.block_bytes)) {
    memory = ::operator new(sizeof(SharedBlock) + home.block_bytes, std::nothrow);
    if (memory == nullptr) bytes_.fetch_sub(home.block_bytes, std::memory_order_relaxed);
  }
  if (memory == nullptr) {
    home.depot.RefuseBuild();
    return nullptr;
  }
  auto* block = new (memory) SharedBlock;
  block->home = &home;
  return block;
}

// At the bound, idle blocks of any size make room; the largest go first.
bool BufferPool::ReserveBytes(size_t bytes) {
  if (TryReserveBytes(bytes)) return true;
  for (auto size_class = classes_.rbegin(); size_class != classes_.rend(); ++size_class) {
    while ((*size_class)->depot.Shrink(1) > 0) {
      if (TryReserveBytes(bytes)) return true;
    }
  }
  return false;
}

bool BufferPool::TryReserveBytes(size_t bytes) {
  size_t before = bytes_.load(std::memory_order_relaxed);
  do {
    const size_t bound = options_.max_live_bytes;
    if (bound != 0 && (before > bound || bytes > bound - before)) return false;
  } while (!bytes_.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  size_t peak = peak_bytes_.load(std::memory_order_relaxed);
  while (peak < before + bytes &&
         !peak_bytes_.compare_exchange_weak(peak, before + bytes, std::memory_order_relaxed)) {
  }
  return true;
}

void BufferPool::Dispose(void* block, void* size_class) {
  const auto* home = static_cast<BufferSizeClass*>(size_class);
  home->pool->bytes_.fetch_sub(home->block_bytes, std::memory_order_relaxed);
  ::operator delete(block);
}

}  // namespace blixard::memory
