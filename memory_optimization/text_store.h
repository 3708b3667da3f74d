// Where the texts of a string pool stand: one after the other in a range of addresses that grows in
// place, so that four bytes name a text and a text never moves.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_TEXT_STORE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_TEXT_STORE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memory_optimization/address_reservation.h"
#include "memory_optimization/atomics.h"
#include "memory_optimization/interned_string.h"
#include "memory_optimization/text_bucket.h"

namespace blixard::memory::internal {

// References count units of 8 bytes from the start; 0 is none. What At() and BucketAt() return may
// be read without a lock; everything else needs the owner's.
class TextStore {
 public:
  static constexpr size_t kUnitBytes = 8;
  static constexpr size_t kMaxBytes = size_t{16} << 30;
  using Bucket = TextBucket<MachineAtomics>;

  // Room for `max_bytes`, reserved, not yet used.
  explicit TextStore(size_t max_bytes) : room_(max_bytes) {}
  ~TextStore();

  char* BytesAt(uint32_t reference) const { return room_.base() + size_t{reference} * kUnitBytes; }
  InternedText* At(uint32_t reference) const {
    return reinterpret_cast<InternedText*>(BytesAt(reference));
  }
  uint32_t ReferenceOf(const InternedText* text) const {
    return static_cast<uint32_t>(
        static_cast<size_t>(reinterpret_cast<const char*>(text) - room_.base()) / kUnitBytes);
  }
  bool Contains(const InternedText* text) const {
    const char* at = reinterpret_cast<const char*>(text);
    return at >= room_.base() && at < room_.base() + used_bytes();
  }

  // The bytes that `bytes` occupy when the store is one that gives back, and when it is not.
  static size_t OccupiedBytes(size_t bytes, bool is_given_back);

  // Occupied bytes, at a multiple of a unit. 0: there is no memory.
  uint32_t Allocate(size_t occupied_bytes);
  // Of a place that was allocated with as many bytes and that no reader can still hold.
  void Free(uint32_t reference, size_t occupied_bytes);

  // Spare buckets, as TextBuckets wants them.
  Bucket* BucketAt(uint32_t reference) const {
    return reinterpret_cast<Bucket*>(BytesAt(reference));
  }
  uint32_t TakeBucket();
  void ReturnBucket(uint32_t reference);
  // False: there is no memory.
  bool AddSpareBuckets();

  // Places that were freed are still counted. Any thread.
  size_t used_bytes() const { return used_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kExactClasses = 64;  // of 1 to 64 units; longer ones by powers of two
  static constexpr size_t kClasses = kExactClasses + 16;

  static size_t ClassOf(size_t occupied_bytes);
  uint32_t Bump(size_t bytes, size_t alignment);

  AddressReservation room_;
  std::atomic<size_t> used_ =
      32;  // so that texts of 32 bytes with header lie in one cache line each
  std::array<uint32_t, kClasses> free_{};  // heads of lists that run through the free places
  uint32_t spare_buckets_ = 0;             // the same, of buckets
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_TEXT_STORE_H_
