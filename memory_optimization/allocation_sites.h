// Which call sites allocate, what they hold and for how long: the books behind kSampledSites and
// kAllSites, kept per thread and per site by the thread itself with plain additions. Called from
// inside malloc and free: nothing here allocates or locks.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SITES_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SITES_H_

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "memory_optimization/allocation_shadow.h"
#include "memory_optimization/allocation_site_table.h"
#include "memory_optimization/allocation_stack.h"
#include "memory_optimization/allocation_threads.h"
#include "memory_optimization/allocation_tracking.h"

namespace blixard::memory::internal {

inline constexpr uint32_t kMaxSites = 32 * 1024;
using Sites = SiteTable<kMaxSites, kMaxSiteFrames>;

// How long blocks lived, in allocations that the same thread made meanwhile: [0] none (a
// temporary), [i] up to 4^i - 1, [kLongLived] more, [kFreedElsewhere] freed by another thread.
inline constexpr int kLongLived = 11;
inline constexpr int kFreedElsewhere = 12;
inline constexpr int kLifetimes = 13;

inline int LifetimeClass(uint64_t allocations_meanwhile) {
  return std::min((static_cast<int>(std::bit_width(allocations_meanwhile)) + 1) / 2, kLongLived);
}

// Of one site on one thread; estimates under kSampledSites. All only ever grow.
struct alignas(128) SiteCounts {
  std::atomic<uint64_t> allocations;
  std::atomic<uint64_t> bytes;
  std::atomic<uint64_t> freed_bytes;
  std::atomic<uint64_t> lifetimes[kLifetimes];  // of freed blocks; their sum are the frees
};
static_assert(sizeof(SiteCounts) == 128);

struct CachedSite {
  uint64_t hash;
  uint64_t site;
};
// Indexed by the highest bits of a hash: multiplication mixes upwards.
inline constexpr uint64_t kCachedSites = 1024;
inline constexpr uint64_t kCacheDivisor = (~uint64_t{0} / kCachedSites) + 1;

// The books of one thread record, mapped when it first notes a block.
struct SiteBook {
  // Change of the live bytes since it was last told to the process, and the highest it was since.
  std::atomic<int64_t> pending;
  int64_t pending_high;
  // Sites met lately: the way to the common table is taken once per site and thread, mostly.
  CachedSite cache[kCachedSites];
  SiteCounts counts[kMaxSites];
};

// Live bytes are told to the process in steps of this, so the peak is exact while one thread
// allocates and at most this much per thread off otherwise.
inline constexpr int64_t kPendingBytes = 64 * 1024;

struct SiteTotals {
  std::atomic<int64_t> live_bytes;
  std::atomic<int64_t> peak_bytes;
  // Allocations that found no room in the table of sites (they are counted as one unknown site), or
  // whose note the kernel had no memory for (they are not).
  std::atomic<uint64_t> without_site;
  std::atomic<uint64_t> without_note;
};

struct SiteSettings {
  std::atomic<uint64_t> mean_sample_bytes;
  std::atomic<int> max_frames;
};

extern SiteTotals site_totals;
extern SiteSettings site_settings;
// Null until sites were first asked for; then for ever.
extern std::atomic<Sites*> site_table;

// Maps the table of sites; false when the kernel has no address space for it.
bool PrepareSites();

// Null when the kernel has no memory for it.
SiteBook* OpenBook(ThreadRecord& record);

// The index of the site whose return addresses have this hash, from the table of sites.
uint32_t FindSite(SiteBook& book, uint64_t hash, const void* frame, uintptr_t last);

// Tells the change of the live bytes to the process.
void TellPending(SiteBook& book);
// Remembers a new highest change; tells it when it is large.
void RaisePending(SiteBook& book, int64_t pending);

// How many allocations this one of `size` bytes stands for if it is in the sample, 0 if it is not.
// The sampled bytes are a Poisson process; the weight of an allocation that is hit is 1 / P(one of
// its size is hit), which makes every sum of weights an estimate without bias. Before it is
// counted.
uint64_t DrawSampleWeight(ThreadRecord& record, size_t size);

// Hash of the return addresses from `frame` on; never 0. Two sites share all 64 bits with a
// probability of about 2^-64: then, and only then, they are counted as one.
[[gnu::always_inline]] inline uint64_t HashStack(const void* frame, uintptr_t last,
                                                 int max_frames) {
  uint64_t hash = 0;
  WalkFrames(frame, last, [&](uintptr_t address) {
    hash = (hash + address) * 0x9e3779b97f4a7c15;
    return --max_frames != 0;
  });
  return hash | 1;
}

// Writes the note of a block just allocated and counts it for its site; after the thread's own
// counters.
void NoteBlockSlowly(ThreadRecord& record, const void* block, size_t size, uint64_t weight,
                     const void* frame);

// The same with weight 1, where everything is where it was last time: record, book and leaf exist,
// the site is in the cache. Everything else starts again in NoteBlockSlowly, so that nothing has to
// be kept across calls here.
[[gnu::always_inline]] inline void NoteBlock(ThreadRecord& record, const void* block, size_t size,
                                             const void* frame) {
  SiteBook* const book = record.sites;
  NoteSlot* const note = FindNote(block);
  const bool prepared = book != nullptr && note != nullptr && OnOwnStack(this_thread, frame);
  if (!prepared) [[unlikely]]
    return NoteBlockSlowly(record, block, size, 1, frame);
  const uint64_t hash = HashStack(frame, this_thread.stack_last,
                                  site_settings.max_frames.load(std::memory_order_relaxed));
  const CachedSite& cached = book->cache[hash / kCacheDivisor];
  if (cached.hash != hash) [[unlikely]]
    return NoteBlockSlowly(record, block, size, 1, frame);
  note->Put(BlockNote({.size = size,
                       .site = cached.site,
                       .owner_tag = record.owner_tag,
                       .allocations = Read(record.allocations)}));
  SiteCounts& counts = book->counts[cached.site];
  Bump(counts.allocations, 1);
  Bump(counts.bytes, size);
  const int64_t pending =
      book->pending.load(std::memory_order_relaxed) + static_cast<int64_t>(size);
  book->pending.store(pending, std::memory_order_relaxed);
  if (pending > book->pending_high) [[unlikely]]
    RaisePending(*book, pending);
}

// Takes the note of a block that is about to be freed; an empty one if it has none.
[[gnu::always_inline]] inline BlockNote TakeNote(const void* block) {
  NoteSlot* const note = FindNote(block);
  return note != nullptr ? note->Take() : BlockNote();
}

// The block was not freed after all.
void PutNoteBack(const void* block, const BlockNote& taken);

// Counts a freed block for its site. The first is for any record and note, the second faster for a
// note of weight 1 that the freeing thread wrote.
void SettleNoteSlowly(ThreadRecord& record, BlockNote taken);

[[gnu::always_inline]] inline void SettleNote(ThreadRecord& record, BlockNote taken) {
  if (taken.empty()) return;
  SiteBook* const book = record.sites;  // null for the shared record
  if (taken.owner_tag() != record.owner_tag || book == nullptr) [[unlikely]] {
    return SettleNoteSlowly(record, taken);
  }
  SiteCounts& counts = book->counts[taken.site()];
  Bump(counts.freed_bytes, taken.size());
  Bump(counts.lifetimes[LifetimeClass(taken.Since(Read(record.allocations)))], 1);
  const int64_t pending =
      book->pending.load(std::memory_order_relaxed) - static_cast<int64_t>(taken.size());
  book->pending.store(pending, std::memory_order_relaxed);
  if (pending < -kPendingBytes) [[unlikely]]
    TellPending(*book);
}

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ALLOCATION_SITES_H_
