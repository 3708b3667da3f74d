#include "memory_optimization/text_store.h"

#include <bit>
#include <cstring>
#include <new>

#include "memory_optimization/arena_poison.h"

namespace blixard::memory::internal {
namespace {

constexpr size_t kBucketsAtOnce = 4;

constexpr size_t RoundUp(size_t bytes, size_t step) { return (bytes + step - 1) / step * step; }

}  // namespace

// The addresses may come back in another mapping.
TextStore::~TextStore() { UnpoisonArena(room_.base(), room_.base() == nullptr ? 0 : used_bytes()); }

size_t TextStore::OccupiedBytes(size_t bytes, bool is_given_back) {
  const size_t whole = RoundUp(bytes, kUnitBytes);
  if (!is_given_back || whole <= kExactClasses * kUnitBytes) return whole;
  return std::bit_ceil(whole);
}

size_t TextStore::ClassOf(size_t occupied_bytes) {
  const size_t units = occupied_bytes / kUnitBytes;
  if (units <= kExactClasses) return units - 1;
  return kExactClasses + static_cast<size_t>(std::bit_width(units - 1)) - 7;
}

uint32_t TextStore::Allocate(size_t occupied_bytes) {
  const size_t size_class = ClassOf(occupied_bytes);
  const uint32_t reused = free_[size_class];
  if (reused == 0) return Bump(occupied_bytes, kUnitBytes);
  std::memcpy(&free_[size_class], BytesAt(reused), sizeof(uint32_t));
  UnpoisonArena(BytesAt(reused), occupied_bytes);
  return reused;
}

void TextStore::Free(uint32_t reference, size_t occupied_bytes) {
  const size_t size_class = ClassOf(occupied_bytes);
  std::memcpy(BytesAt(reference), &free_[size_class], sizeof(uint32_t));
  free_[size_class] = reference;
  PoisonArena(BytesAt(reference) + kUnitBytes, occupied_bytes - kUnitBytes);
}

uint32_t TextStore::TakeBucket() {
  const uint32_t taken = spare_buckets_;
  if (taken != 0) {
    spare_buckets_ = BucketAt(taken)->references[0].load(std::memory_order_relaxed);
  }
  return taken;
}

void TextStore::ReturnBucket(uint32_t reference) {
  BucketAt(reference)->references[0].store(spare_buckets_, std::memory_order_relaxed);
  spare_buckets_ = reference;
}

bool TextStore::AddSpareBuckets() {
  const uint32_t first = Bump(kBucketsAtOnce * sizeof(Bucket), alignof(Bucket));
  if (first == 0) return false;
  for (size_t i = 0; i < kBucketsAtOnce; ++i) {
    const uint32_t reference = first + static_cast<uint32_t>(i * sizeof(Bucket) / kUnitBytes);
    new (BytesAt(reference)) Bucket();
    ReturnBucket(reference);
  }
  return true;
}

uint32_t TextStore::Bump(size_t bytes, size_t alignment) {
  const size_t start = RoundUp(used_bytes(), alignment);
  if (!room_.Grow(start + bytes)) return 0;
  used_.store(start + bytes, std::memory_order_relaxed);
  return static_cast<uint32_t>(start / kUnitBytes);
}

}  // namespace blixard::memory::internal
