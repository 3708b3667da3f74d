// What the string pools have in common: texts, found without a lock and inserted under one, charged
// to quotas. The pools differ in how long a text lives.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_STRING_TABLE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_STRING_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/address_reservation.h"
#include "memory_optimization/atomics.h"
#include "memory_optimization/interned_string.h"
#include "memory_optimization/string_quota.h"
#include "memory_optimization/text_buckets.h"
#include "memory_optimization/text_equal.h"
#include "memory_optimization/text_hash.h"
#include "memory_optimization/text_store.h"

namespace blixard::memory {

struct StringPoolOptions {
  std::string name = "strings";
  size_t max_strings = size_t{1} << 20;
  size_t max_bytes = size_t{64} << 20;  // of all texts with their headers; at most 16 GiB
  size_t initial_strings = 0;           // buckets made at once for as many
  // Of the hash. None: a random secret. Whoever knows the seed of a pool can choose texts that
  // collide in it, so a seed is for runs that must be repeated.
  std::optional<uint64_t> seed = {};
};

struct StringPoolStats {
  uint64_t strings = 0;       // the empty text is not counted
  uint64_t text_bytes = 0;    // of texts with their headers, as bounded by max_bytes
  uint64_t memory_bytes = 0;  // everything the pool holds: texts, table, the pool itself
  uint64_t refused = 0;       // texts turned away at a bound
};

// What it took to find a text, or to know that it is not there: independent of the machine's mood.
struct StringProbe {
  size_t buckets = 1;  // cache lines of the table
  size_t texts = 0;    // compared
};

namespace internal {

// Thread-safe. Lookup() is wait-free unless a writer moves entries meanwhile; what it returns may
// be erased by another thread, so pools that erase pin an epoch first.
class StringTable {
 public:
  static constexpr size_t kMaxTextBytes = size_t{32} << 10;
  static constexpr uint16_t kWholePool = 0;  // the account every text is charged to

  // What a pool keeps for itself in front of each text, and whether texts are given back.
  struct Layout {
    size_t prefix_bytes = 0;
    bool is_given_back = false;
  };

  // How a pool takes part in an insertion; both are called under the lock.
  struct Hooks {
    // Equal text is there. True: the caller takes it. False: nobody holds it any more; it is
    // taken out, and the new text goes in.
    absl::FunctionRef<bool(const InternedText*)> takes = +[](const InternedText*) { return true; };
    // The text is written and about to be found by others.
    absl::FunctionRef<void(const InternedText*)> prepares = +[](const InternedText*) {};
  };

  // CHECKs the bounds of `options`. Without address space every insertion is refused.
  StringTable(const StringPoolOptions& options, Layout layout);
  ~StringTable();
  StringTable(const StringTable&) = delete;
  StringTable& operator=(const StringTable&) = delete;

  // The usual case in straight-line code without a call: a text of 17 to 32 bytes that is there,
  // where it is looked for first. Null says nothing; ask Lookup() then.
  [[gnu::always_inline]] const InternedText* LookupUsual(absl::string_view text) const {
    if (!TextHash::IsUsualLength(text.size())) return nullptr;
    const InternedText* candidate = nullptr;
    const bool found = buckets_.FindAtFirst(hash_.OfUsualLength(text), [&](uint32_t reference) {
      candidate = store_.At(reference);
      return candidate->length == text.size() &&
             EqualUsualLength(candidate->characters(), text.data(), text.size());
    });
    return found ? candidate : nullptr;
  }

  // Null: not there.
  const InternedText* Lookup(absl::string_view text) const {
    return LookupHashed(text, hash_(text));
  }

  // The text, new or not, charged to `account` and to the whole pool if new. Errors: see
  // StringPool.
  absl::StatusOr<const InternedText*> Insert(absl::string_view text, uint16_t account,
                                             const Hooks& hooks);
  // Lookup(), and Insert() if need be, for a table from which nothing is taken out.
  absl::StatusOr<InternedString> Intern(absl::string_view text, uint16_t account);

  // Lookups of this very text no longer find it; its place stays as it is. False: it was taken out
  // before.
  bool TakeOut(const InternedText* text);
  // The same for whatever has this text; null: not there.
  const InternedText* TakeOut(absl::string_view text);
  // Gives back the place and the charge of a text that was taken out and that nobody can still
  // read.
  void Free(const InternedText* text);

  // `constant` answers from now on for its text. kAlreadyExists: another handle does.
  absl::Status Adopt(InternedString constant);

  void Freeze();
  bool is_frozen() const;

  absl::StatusOr<uint16_t> AddAccount(StringQuota quota);
  // A copy of the counters; the account stays the table's.
  StringPoolStats AccountStats(uint16_t account) const;
  StringPoolStats Stats() const;

  // One of those that are there, for reports; empty if none is.
  std::string AnyText() const;

  StringProbe Probe(absl::string_view text) const;

  InternedId IdOf(const InternedText* text) const;
  const InternedText* TextOf(InternedId id) const;

  const StringPoolOptions& options() const { return options_; }

 private:
  using Bucket = TextStore::Bucket;

  struct Spares {
    TextStore* store;
    Bucket* At(uint32_t reference) const { return store->BucketAt(reference); }
    uint32_t Take() { return store->TakeBucket(); }
    void Return(uint32_t reference) { store->ReturnBucket(reference); }
  };

  const InternedText* LookupHashed(absl::string_view text, uint64_t hash) const;
  bool Matches(uint32_t reference, absl::string_view text, const InternedText*& found) const;
  static const InternedText* ConstantBehind(const InternedText* stand_in);
  size_t OccupiedBytes(size_t length) const;
  Bucket* FirstBuckets();
  // False: the table is one bucket, shared and for ever empty.
  bool has_bucket_room() const { return first_buckets_ > 1; }

  // Below: mutex_ is held.
  absl::Status CheckRoom(absl::string_view text, uint16_t account, size_t bytes);
  absl::Status NoMemory() const;
  // 0: no memory.
  uint32_t Place(const InternedText& header, absl::string_view characters, size_t occupied_bytes);
  // Charges and publishes what was placed. False: no memory; the place is given back.
  bool Link(uint64_t hash, uint32_t reference, size_t occupied_bytes);
  void GrowByOne();

  const StringPoolOptions options_;
  const Layout layout_;
  const TextHash hash_;
  TextStore store_;
  AddressReservation bucket_room_;
  const uint32_t first_buckets_;
  Spares spares_{.store = &store_};
  TextBuckets<MachineAtomics, Spares> buckets_;

  // Keeps what lookups read off the cache line that insertions write.
  [[maybe_unused]] std::array<char, 64> apart_{};

  mutable std::mutex mutex_;
  const uint32_t max_buckets_;
  std::deque<StringAccount> accounts_;  // 0: the whole pool
  uint32_t wanted_buckets_;             // more than there are while a doubling is under way
  bool frozen_ = false;
};

}  // namespace internal
}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_STRING_TABLE_H_
