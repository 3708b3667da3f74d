#include "memory_optimization/allocation_sites.h"

#include <cmath>

#include "memory_optimization/allocation_pages.h"
#include "memory_optimization/allocation_random.h"

namespace blixard::memory::internal {

constinit SiteTotals site_totals = {};
constinit SiteSettings site_settings = {.mean_sample_bytes = 0, .max_frames = 16};
constinit std::atomic<Sites*> site_table = nullptr;

bool PrepareSites() {
  if (site_table.load(std::memory_order_acquire) != nullptr) return true;
  // Zeros are an empty table.
  void* const pages = MapZeroedPages(sizeof(Sites));
  if (pages == nullptr) return false;
  site_table.store(static_cast<Sites*>(pages), std::memory_order_release);
  return true;
}

// The shared record may be opened by two threads at once.
SiteBook* OpenBook(ThreadRecord& record) {
  SiteBook* book = record.published_sites.load(std::memory_order_acquire);
  if (book == nullptr) {
    SiteBook* const mapped = static_cast<SiteBook*>(MapZeroedPages(sizeof(SiteBook)));
    if (mapped == nullptr) return nullptr;
    if (record.published_sites.compare_exchange_strong(book, mapped, std::memory_order_acq_rel)) {
      book = mapped;
    } else {
      UnmapPages(mapped, sizeof(SiteBook));
    }
  }
  if (!record.shared) record.sites = book;
  return book;
}

uint32_t FindSite(SiteBook& book, uint64_t hash, const void* frame, uintptr_t last) {
  uintptr_t frames[kMaxSiteFrames];
  const int capacity = site_settings.max_frames.load(std::memory_order_relaxed);
  int depth = 0;
  WalkFrames(frame, last, [&](uintptr_t address) {
    frames[depth++] = address;
    return depth < capacity;
  });
  const uint32_t site = site_table.load(std::memory_order_acquire)->FindOrAdd(hash, frames, depth);
  if (site == kNoSite) {
    site_totals.without_site.fetch_add(1, std::memory_order_relaxed);
    return site;
  }
  if (this_thread.record->sites == &book) {
    book.cache[hash / kCacheDivisor] = {.hash = hash, .site = site};
  }
  return site;
}

void TellPending(SiteBook& book) {
  const int64_t pending = book.pending.load(std::memory_order_relaxed);
  const int64_t before = site_totals.live_bytes.fetch_add(pending, std::memory_order_relaxed);
  const int64_t high = before + book.pending_high;
  int64_t peak = site_totals.peak_bytes.load(std::memory_order_relaxed);
  while (peak < high &&
         !site_totals.peak_bytes.compare_exchange_weak(peak, high, std::memory_order_relaxed)) {
  }
  book.pending.store(0, std::memory_order_relaxed);
  book.pending_high = 0;
}

void RaisePending(SiteBook& book, int64_t pending) {
  book.pending_high = pending;
  if (pending > kPendingBytes) TellPending(book);
}

namespace {

void Add(const ThreadRecord& record, std::atomic<uint64_t>& counter, uint64_t amount) {
  if (record.shared) {
    counter.fetch_add(amount, std::memory_order_relaxed);
  } else {
    Bump(counter, amount);
  }
}

void AddLive(const ThreadRecord& record, SiteBook& book, int64_t bytes) {
  if (record.shared) {
    site_totals.live_bytes.fetch_add(bytes, std::memory_order_relaxed);
  } else {
    const int64_t pending = book.pending.load(std::memory_order_relaxed) + bytes;
    book.pending.store(pending, std::memory_order_relaxed);
    if (pending > book.pending_high) RaisePending(book, pending);
    if (pending < -kPendingBytes) TellPending(book);
  }
}

}  // namespace

void NoteBlockSlowly(ThreadRecord& record, const void* block, size_t size, uint64_t weight,
                     const void* frame) {
  SiteBook* const book = OpenBook(record);
  NoteSlot* const note = FindOrAddNote(block);
  if (book == nullptr || note == nullptr) {
    site_totals.without_note.fetch_add(weight, std::memory_order_relaxed);
    return;
  }
  const uintptr_t last = LastFrame(this_thread, frame);
  const uint64_t hash =
      HashStack(frame, last, site_settings.max_frames.load(std::memory_order_relaxed));
  const uint32_t site = FindSite(*book, hash, frame, last);
  note->Put(BlockNote({.size = size,
                       .site = site,
                       .owner_tag = OwnerTag(record.index, weight),
                       .allocations = Read(record.allocations)}));
  SiteCounts& counts = book->counts[site];
  Add(record, counts.allocations, weight);
  Add(record, counts.bytes, weight * size);
  AddLive(record, *book, static_cast<int64_t>(weight * size));
}

void PutNoteBack(const void* block, const BlockNote& taken) {
  if (!taken.empty()) FindNote(block)->Put(taken);
}

void SettleNoteSlowly(ThreadRecord& record, BlockNote taken) {
  SiteBook* const book = OpenBook(record);
  if (book == nullptr) return;
  const bool own = !record.shared && taken.owner_tag() == OwnerTag(record.index, taken.weight());
  const int lifetime = own ? LifetimeClass(taken.Since(Read(record.allocations))) : kFreedElsewhere;
  SiteCounts& counts = book->counts[taken.site()];
  Add(record, counts.freed_bytes, taken.weight() * taken.size());
  Add(record, counts.lifetimes[lifetime], taken.weight());
  AddLive(record, *book, -static_cast<int64_t>(taken.weight() * taken.size()));
}

namespace {

// Bytes up to and with the one that the Poisson process hits next, geometrically distributed.
uint64_t DrawDistance(ThreadRecord& record, double mean) {
  if (record.sample_random == 0) record.sample_random = static_cast<uint64_t>(record.index) + 1;
  return 1 + static_cast<uint64_t>(-std::log(NextUnit(record.sample_random)) * mean);
}

// 1 / P(an allocation of this size is hit), up or down at random so that it is right on average.
uint64_t DrawWeight(ThreadRecord& record, size_t size, double mean) {
  const double exact = 1 / -std::expm1(-static_cast<double>(size) / mean);
  const uint64_t whole = static_cast<uint64_t>(exact);
  const bool up = NextUnit(record.sample_random) <= exact - static_cast<double>(whole);
  return std::min<uint64_t>(whole + (up ? 1 : 0), BlockNote::kMaxWeight);
}

}  // namespace

uint64_t DrawSampleWeight(ThreadRecord& record, size_t size) {
  if (record.shared) return 0;  // its next sample would be everybody's
  const double mean =
      static_cast<double>(site_settings.mean_sample_bytes.load(std::memory_order_relaxed));
  const uint64_t before = Read(record.bytes);
  if (record.sample_at == 0) record.sample_at = before + DrawDistance(record, mean);
  uint64_t weight = 0;
  if (before + size >= record.sample_at) {
    weight = DrawWeight(record, size, mean);
    record.sample_at = before + size + DrawDistance(record, mean);
  }
  ExpectEvents(record, this_thread.guard != nullptr);
  return weight;
}

}  // namespace blixard::memory::internal
