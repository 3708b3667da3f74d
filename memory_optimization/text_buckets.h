// The lock-free heart of the string pools: a hash table of references that readers search without a
// lock while one writer inserts, erases and grows it in place.
//
// Growth is linear hashing (Litwin: Linear Hashing, a new tool for file and table addressing, VLDB
// 1980): one bucket at a time is split in two, so no insertion waits for a whole table to be
// copied, and no outgrown table is left for readers who may still be in it. Buckets never move and
// are never given back; a bucket that is full continues in a spare one.
//
// What a reader may meet: an entry is moved by writing it to its new slot, then counting a move,
// then clearing the old slot. A search that finds nothing is therefore believed only if no move was
// counted meanwhile; a search that finds something needs no such care. A slot may be given to
// another entry between the reader's look at the tag and at the reference: the caller's comparison
// of the texts decides, so what a reference names must stay readable as long as a reader may hold
// it.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_TEXT_BUCKETS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_TEXT_BUCKETS_H_

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "memory_optimization/atomics.h"
#include "memory_optimization/text_bucket.h"

namespace blixard::memory::internal {

// What each step of the protocol needs; tests weaken or drop them one by one.
struct TextBucketsRules {
  static constexpr std::memory_order kPublish = std::memory_order_release;
  static constexpr std::memory_order kObserve = std::memory_order_acquire;
  static constexpr bool kCountMoves = true;
  static constexpr bool kRecheckMisses = true;
};

// `Spares` gives the buckets that continue full ones: `Bucket* At(uint32_t reference)`, to readers
// and writers alike; and to the writer `uint32_t Take()`, 0 when there is none, and
// `void Return(uint32_t)`. A spare bucket is empty. References are never 0.
template <class Atomics, class Spares, class Rules = TextBucketsRules>
class TextBuckets {
 public:
  using Bucket = TextBucket<Atomics>;

  // `buckets` has room for all that will ever be; the first `count`, a power of two, are empty and
  // in use.
  TextBuckets(Bucket* buckets, uint32_t count, Spares* spares)
      : buckets_(buckets), spares_(spares), shape_(ShapeFor(count)) {}

  // Whether what Find() would look at first is the one looked for: nearly always, and then at the
  // price of straight-line code. False says nothing; ask Find() then. Any thread.
  template <class Matches>
  bool FindAtFirst(uint64_t hash, const Matches& matches) const {
    const Bucket& home = buckets_[HomeOf(hash, shape_.load(Rules::kObserve))];
    const uint32_t match = home.Match(TagOf(hash), Rules::kObserve);
    if (match == 0) [[unlikely]]
      return false;
    const size_t slot = static_cast<size_t>(static_cast<unsigned>(std::countr_zero(match)));
    return matches(home.references[slot].load(Rules::kObserve));
  }

  // The reference whose text `matches(reference)` says to be the one looked for, or 0. Any thread.
  // `visits(bucket)` is told of every bucket on the way.
  template <class Matches, class Visits = void (*)(const Bucket&)>
  uint32_t Find(uint64_t hash, const Matches& matches, const Visits& visits = IgnoreVisit) const {
    for (;;) {
      const uint64_t moves = moves_.load(Rules::kObserve);
      const Bucket* home = &buckets_[HomeOf(hash, shape_.load(Rules::kObserve))];
      const uint32_t found = FindInChain(home, TagOf(hash), matches, visits);
      if (found != 0) [[likely]]
        return found;
      if (!Rules::kRecheckMisses || moves_.load(std::memory_order_relaxed) == moves) return 0;
      Atomics::Yield();
    }
  }

  // Below: one thread at a time, under the owner's lock.

  // False, with nothing changed: a spare bucket is needed and there is none. The text must not be
  // in the table.
  bool Insert(uint64_t hash, uint32_t reference) {
    return InsertInto(&buckets_[HomeOf(hash, shape_.load(std::memory_order_relaxed))], TagOf(hash),
                      reference);
  }

  // False: it is not there.
  bool Erase(uint64_t hash, uint32_t reference) {
    Bucket* home = &buckets_[HomeOf(hash, shape_.load(std::memory_order_relaxed))];
    for (Bucket* bucket = home; bucket != nullptr; bucket = Next(bucket)) {
      for (int slot = 0; slot < kBucketSlots; ++slot) {
        if (!Holds(bucket, slot, reference)) continue;
        Clear(home, bucket, slot);
        return true;
      }
    }
    return false;
  }

  // Adds a bucket, which the caller has room for and which is empty, and moves to it the entries
  // that belong there; `hash_of(reference)` gives the lower half of an entry's hash. False, with
  // nothing changed: spare buckets are needed and there are too few.
  template <class HashOf>
  bool Split(const HashOf& hash_of) {
    const uint32_t added = count();
    const uint64_t grown = ShapeFor(added + 1);
    Bucket* from = &buckets_[HomeOf(added, shape_.load(std::memory_order_relaxed))];
    Bucket* to = &buckets_[added];
    const auto moves_on = [&](uint32_t reference) {
      return HomeOf(hash_of(reference), grown) == added;
    };
    if (!CopyTo(to, from, moves_on)) return false;
    shape_.store(grown, Rules::kPublish);
    CountMove();
    ClearAll(from, moves_on);
    return true;
  }

  // Calls `visit(reference)` for every entry.
  template <class Visit>
  void ForEach(const Visit& visit) const {
    for (uint32_t i = 0; i < count(); ++i) {
      for (Bucket* bucket = &buckets_[i]; bucket != nullptr; bucket = Next(bucket)) {
        for (int slot = 0; slot < kBucketSlots; ++slot) {
          if (bucket->Tags(std::memory_order_relaxed).tag(slot) == 0) continue;
          visit(bucket->references[static_cast<size_t>(slot)].load(std::memory_order_relaxed));
        }
      }
    }
  }

  uint32_t count() const { return static_cast<uint32_t>(shape_.load(std::memory_order_relaxed)); }

 private:
  // The number of buckets below, and above it the mask of the doubling under way.
  static uint64_t ShapeFor(uint32_t count) {
    return uint64_t{std::bit_ceil(count) - 1} << 32 | count;
  }

  // Buckets of the doubling under way that are not yet split off live in their lower twin.
  static uint32_t HomeOf(uint64_t hash, uint64_t shape) {
    const uint32_t mask = static_cast<uint32_t>(shape >> 32);
    const uint32_t home = static_cast<uint32_t>(hash) & mask;
    return home < static_cast<uint32_t>(shape) ? home : home & (mask >> 1);
  }

  static void IgnoreVisit(const Bucket&) {}

  template <class Matches, class Visits>
  uint32_t FindInChain(const Bucket* bucket, uint8_t tag, const Matches& matches,
                       const Visits& visits) const {
    for (;;) {
      visits(*bucket);
      const BucketTags tags = bucket->Tags(Rules::kObserve);
      for (uint32_t match = tags.Match(tag); match != 0; match &= match - 1) {
        const uint32_t reference =
            bucket->references[static_cast<size_t>(std::countr_zero(match))].load(Rules::kObserve);
        if (matches(reference)) [[likely]]
          return reference;
      }
      if (tags.next() == 0) return 0;
      bucket = spares_->At(tags.next());
    }
  }

  Bucket* Next(Bucket* bucket) const {
    const uint32_t next = bucket->Tags(std::memory_order_relaxed).next();
    return next == 0 ? nullptr : spares_->At(next);
  }

  static bool Holds(const Bucket* bucket, int slot, uint32_t reference) {
    return bucket->Tags(std::memory_order_relaxed).tag(slot) != 0 &&
           bucket->references[static_cast<size_t>(slot)].load(std::memory_order_relaxed) ==
               reference;
  }

  bool InsertInto(Bucket* bucket, uint8_t tag, uint32_t reference) {
    for (;; bucket = Next(bucket)) {
      const BucketTags tags = bucket->Tags(std::memory_order_relaxed);
      const uint32_t free_slots = tags.Match(0);
      if (free_slots != 0) {
        Fill(bucket, std::countr_zero(free_slots), tag, reference);
        return true;
      }
      if (tags.next() == 0) break;
    }
    const uint32_t spare = spares_->Take();
    if (spare == 0) return false;
    Fill(spares_->At(spare), 0, tag, reference);
    bucket->SetNext(spare, Rules::kPublish);
    return true;
  }

  // The tag is what readers look at first, so it comes last.
  static void Fill(Bucket* bucket, int slot, uint8_t tag, uint32_t reference) {
    bucket->references[static_cast<size_t>(slot)].store(reference, Rules::kPublish);
    bucket->SetTag(slot, tag, Rules::kPublish);
  }

  void CountMove() {
    if (!Rules::kCountMoves) return;
    moves_.store(moves_.load(std::memory_order_relaxed) + 1, Rules::kPublish);
  }

  // Frees the slot; the last entry of the chain takes its place, so that chains stay dense and
  // shrink again.
  void Clear(Bucket* home, Bucket* bucket, int slot) {
    Bucket* before = nullptr;
    Bucket* last = home;
    for (Bucket* next = Next(last); next != nullptr; next = Next(last)) {
      before = last;
      last = next;
    }
    const int last_slot = LastSlot(last);
    if (last != bucket) {
      const BucketTags tags = last->Tags(std::memory_order_relaxed);
      Fill(bucket, slot, tags.tag(last_slot),
           last->references[static_cast<size_t>(last_slot)].load(std::memory_order_relaxed));
      CountMove();
      slot = last_slot;
    }
    last->SetTag(slot, 0, Rules::kPublish);
    if (before != nullptr && IsEmpty(last)) Unlink(before);
  }

  static int LastSlot(const Bucket* bucket) {
    int slot = kBucketSlots - 1;
    while (slot > 0 && bucket->Tags(std::memory_order_relaxed).tag(slot) == 0) --slot;
    return slot;
  }

  static bool IsEmpty(const Bucket* bucket) {
    return bucket->Tags(std::memory_order_relaxed).Match(0) == (1u << kBucketSlots) - 1;
  }

  // Takes off the last bucket. A reader who is still in it finds no entries there, or those of the
  // chain that it continues next: other texts, and the end.
  void Unlink(Bucket* before) {
    const uint32_t last = before->Tags(std::memory_order_relaxed).next();
    before->SetNext(0, Rules::kPublish);
    spares_->Return(last);
  }

  template <class MovesOn>
  bool CopyTo(Bucket* to, Bucket* from, const MovesOn& moves_on) {
    for (Bucket* bucket = from; bucket != nullptr; bucket = Next(bucket)) {
      const BucketTags tags = bucket->Tags(std::memory_order_relaxed);
      for (int slot = 0; slot < kBucketSlots; ++slot) {
        const uint32_t reference =
            bucket->references[static_cast<size_t>(slot)].load(std::memory_order_relaxed);
        if (tags.tag(slot) == 0 || !moves_on(reference)) continue;
        if (InsertInto(to, tags.tag(slot), reference)) continue;
        ClearAll(to, [](uint32_t) { return true; });
        return false;
      }
    }
    return true;
  }

  template <class Selects>
  void ClearAll(Bucket* home, const Selects& selects) {
    for (Bucket* bucket = home; bucket != nullptr; bucket = Next(bucket)) {
      for (int slot = 0; slot < kBucketSlots; ++slot) {
        // The entry that fills the hole is looked at too.
        while (bucket->Tags(std::memory_order_relaxed).tag(slot) != 0 &&
               selects(
                   bucket->references[static_cast<size_t>(slot)].load(std::memory_order_relaxed))) {
          Clear(home, bucket, slot);
        }
      }
    }
  }

  Bucket* const buckets_;
  Spares* const spares_;
  typename Atomics::template Atomic<uint64_t> shape_;
  typename Atomics::template Atomic<uint64_t> moves_{0};
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_TEXT_BUCKETS_H_
