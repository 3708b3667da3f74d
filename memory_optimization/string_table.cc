#include "memory_optimization/string_table.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"

namespace blixard::memory::internal {
namespace {

// A bucket holds twelve entries. At ten on the average one chain in five takes a second cache line.
constexpr size_t kMeanFill = 10;
constexpr uint32_t kMinBuckets = AddressReservation::kPageBytes / 64;

constexpr size_t WholePages(size_t bytes) {
  return (bytes + AddressReservation::kPageBytes - 1) / AddressReservation::kPageBytes *
         AddressReservation::kPageBytes;
}

uint32_t BucketsFor(size_t strings) {
  const size_t full = (strings + kMeanFill - 1) / kMeanFill;
  return std::max(kMinBuckets, static_cast<uint32_t>(std::bit_ceil(full)));
}

StringPoolOptions Checked(StringPoolOptions options) {
  CHECK_GE(options.max_strings, 1u) << "string pool \"" << options.name << "\": max_strings";
  CHECK_LE(options.max_strings, TextStore::kMaxBytes / 16)
      << "string pool \"" << options.name << "\": max_strings";
  CHECK_GE(options.max_bytes, TextStore::kUnitBytes)
      << "string pool \"" << options.name << "\": max_bytes";
  CHECK_LE(options.max_bytes, TextStore::kMaxBytes)
      << "string pool \"" << options.name << "\": max_bytes";
  options.initial_strings = std::min(options.initial_strings, options.max_strings);
  return options;
}

// Addresses, not memory: texts, what stands in front of them, spare buckets, and where texts are
// given back twice as much, because holes of one size do not serve another.
size_t StoreBytes(const StringPoolOptions& options, StringTable::Layout layout) {
  const size_t texts = options.max_bytes + options.max_strings * (layout.prefix_bytes + 16);
  return std::min((layout.is_given_back ? 2 : 1) * texts + (size_t{1} << 20),
                  2 * TextStore::kMaxBytes);
}

}  // namespace

StringTable::StringTable(const StringPoolOptions& options, Layout layout)
    : options_(Checked(options)),
      layout_(layout),
      hash_(options_.seed),
      store_(StoreBytes(options_, layout_)),
      bucket_room_(BucketsFor(options_.max_strings) * sizeof(Bucket)),
      first_buckets_(bucket_room_.Grow(BucketsFor(options_.initial_strings) * sizeof(Bucket))
                         ? BucketsFor(options_.initial_strings)
                         : 1),
      buckets_(FirstBuckets(), first_buckets_, &spares_),
      max_buckets_(has_bucket_room() ? BucketsFor(options_.max_strings) : 1),
      wanted_buckets_(first_buckets_) {
  accounts_.emplace_back(absl::StrCat("string pool ", options_.name),
                         StringQuota{.name = options_.name,
                                     .max_strings = options_.max_strings,
                                     .max_bytes = options_.max_bytes});
}

StringTable::~StringTable() = default;

StringTable::Bucket* StringTable::FirstBuckets() {
  static constinit Bucket empty;
  if (!has_bucket_room()) return &empty;
  Bucket* buckets = reinterpret_cast<Bucket*>(bucket_room_.base());
  for (uint32_t i = 0; i < first_buckets_; ++i) new (&buckets[i]) Bucket();
  return buckets;
}

absl::StatusOr<InternedString> StringTable::Intern(absl::string_view text, uint16_t account) {
  if (text.empty()) return InternedString();
  if (const InternedText* found = Lookup(text)) return InternedString::FromText(found);
  const absl::StatusOr<const InternedText*> inserted = Insert(text, account, Hooks());
  if (!inserted.ok()) return inserted.status();
  return InternedString::FromText(*inserted);
}

absl::StatusOr<const InternedText*> StringTable::Insert(absl::string_view text, uint16_t account,
                                                        const Hooks& hooks) {
  if (text.size() > kMaxTextBytes) {
    return absl::InvalidArgumentError(absl::StrCat("text: want <= ", kMaxTextBytes,
                                                   " bytes (string pool ", options_.name, "), got ",
                                                   text.size()));
  }
  const uint64_t hash = hash_(text);
  const std::lock_guard lock(mutex_);
  // Somebody else may have been first.
  const InternedText* found = LookupHashed(text, hash);
  if (found != nullptr && hooks.takes(found)) return found;
  const size_t occupied = OccupiedBytes(text.size());
  const absl::Status room = CheckRoom(text, account, occupied - layout_.prefix_bytes);
  if (!room.ok()) return room;
  const uint32_t reference = Place({.hash = static_cast<uint32_t>(hash),
                                    .length = static_cast<uint16_t>(text.size()),
                                    .account = account},
                                   text, occupied);
  if (reference == 0) return NoMemory();
  const InternedText* placed = store_.At(reference);
  hooks.prepares(placed);
  if (found != nullptr) CHECK(buckets_.Erase(hash, store_.ReferenceOf(found)));
  if (!Link(hash, reference, occupied)) return NoMemory();
  return placed;
}

bool StringTable::TakeOut(const InternedText* text) {
  const std::lock_guard lock(mutex_);
  return buckets_.Erase(text->hash, store_.ReferenceOf(text));
}

const InternedText* StringTable::TakeOut(absl::string_view text) {
  const uint64_t hash = hash_(text);
  const std::lock_guard lock(mutex_);
  const InternedText* found = LookupHashed(text, hash);
  if (found != nullptr) CHECK(buckets_.Erase(hash, store_.ReferenceOf(found)));
  return found;
}

void StringTable::Free(const InternedText* text) {
  const std::lock_guard lock(mutex_);
  const size_t occupied = OccupiedBytes(text->length);
  const uint64_t charged = occupied - layout_.prefix_bytes;
  if (text->account != kWholePool) accounts_[text->account].Refund(charged);
  accounts_[kWholePool].Refund(charged);
  store_.Free(store_.ReferenceOf(text) -
                  static_cast<uint32_t>(layout_.prefix_bytes / TextStore::kUnitBytes),
              occupied);
}

const InternedText* StringTable::LookupHashed(absl::string_view text, uint64_t hash) const {
  const InternedText* found = nullptr;
  buckets_.Find(hash, [&](uint32_t reference) { return Matches(reference, text, found); });
  return found;
}

bool StringTable::Matches(uint32_t reference, absl::string_view text,
                          const InternedText*& found) const {
  const InternedText* candidate = store_.At(reference);
  if (candidate->length == InternedText::kElsewhere) candidate = ConstantBehind(candidate);
  if (candidate->length != text.size() ||
      !EqualBytes(candidate->characters(), text.data(), text.size())) {
    return false;
  }
  found = candidate;
  return true;
}

absl::Status StringTable::Adopt(InternedString constant) {
  const absl::string_view text = constant.view();
  const uint64_t hash = hash_(text);
  const std::lock_guard lock(mutex_);
  const InternedText* found = LookupHashed(text, hash);
  if (found == constant.text()) return absl::OkStatus();
  if (found != nullptr) {
    return absl::AlreadyExistsError(
        absl::StrCat("string pool ", options_.name, ": constant \"", text,
                     "\": want to adopt it before its text is interned"));
  }
  const InternedText* address = constant.text();
  const absl::string_view bytes(reinterpret_cast<const char*>(&address), sizeof(address));
  const size_t occupied = OccupiedBytes(bytes.size());
  const absl::Status room = CheckRoom(text, kWholePool, occupied);
  if (!room.ok()) return room;
  const uint32_t reference = Place({.hash = static_cast<uint32_t>(hash),
                                    .length = InternedText::kElsewhere,
                                    .account = kWholePool},
                                   bytes, occupied);
  if (reference == 0 || !Link(hash, reference, occupied)) return NoMemory();
  return absl::OkStatus();
}

const InternedText* StringTable::ConstantBehind(const InternedText* stand_in) {
  const InternedText* constant;
  std::memcpy(&constant, stand_in->characters(), sizeof(constant));
  return constant;
}

void StringTable::Freeze() {
  const std::lock_guard lock(mutex_);
  frozen_ = true;
}

bool StringTable::is_frozen() const {
  const std::lock_guard lock(mutex_);
  return frozen_;
}

absl::StatusOr<uint16_t> StringTable::AddAccount(StringQuota quota) {
  std::string owner = absl::StrCat("string pool ", options_.name, ", namespace ", quota.name);
  const std::lock_guard lock(mutex_);
  if (accounts_.size() > UINT16_MAX) {
    return absl::ResourceExhaustedError(
        absl::StrCat(owner, ": namespaces: want <= ", UINT16_MAX, ", got one more"));
  }
  accounts_.emplace_back(std::move(owner), std::move(quota));
  return static_cast<uint16_t>(accounts_.size() - 1);
}

StringPoolStats StringTable::AccountStats(uint16_t account) const {
  const std::lock_guard lock(mutex_);
  const StringAccount& counters = accounts_[account];
  return {
      .strings = counters.strings(), .text_bytes = counters.bytes(), .refused = counters.refused()};
}

StringPoolStats StringTable::Stats() const {
  StringPoolStats stats = AccountStats(kWholePool);
  const std::lock_guard lock(mutex_);
  stats.memory_bytes = sizeof(*this) + accounts_.size() * sizeof(StringAccount) +
                       WholePages(store_.used_bytes()) +
                       WholePages(buckets_.count() * sizeof(Bucket));
  return stats;
}

std::string StringTable::AnyText() const {
  const std::lock_guard lock(mutex_);
  absl::string_view any;
  buckets_.ForEach([&](uint32_t reference) { any = store_.At(reference)->view(); });
  return std::string(any);
}

StringProbe StringTable::Probe(absl::string_view text) const {
  StringProbe probe{.buckets = 0, .texts = 0};
  const InternedText* found = nullptr;
  buckets_.Find(
      hash_(text),
      [&](uint32_t reference) {
        ++probe.texts;
        return Matches(reference, text, found);
      },
      [&](const Bucket&) { ++probe.buckets; });
  return probe;
}

InternedId StringTable::IdOf(const InternedText* text) const {
  if (store_.Contains(text)) return InternedId{store_.ReferenceOf(text)};
  const absl::string_view characters = text->view();
  const InternedText* found = nullptr;
  const uint32_t stand_in = buckets_.Find(
      hash_(characters), [&](uint32_t reference) { return Matches(reference, characters, found); });
  CHECK(found == text) << "string pool \"" << options_.name << "\": a handle of another pool, \""
                       << characters << "\"";
  return InternedId{stand_in};
}

const InternedText* StringTable::TextOf(InternedId id) const {
  const uint32_t reference = static_cast<uint32_t>(id);
  CHECK_LT(size_t{reference} * TextStore::kUnitBytes, store_.used_bytes())
      << "string pool \"" << options_.name << "\": an id it never gave";
  const InternedText* text = store_.At(reference);
  return text->length == InternedText::kElsewhere ? ConstantBehind(text) : text;
}

size_t StringTable::OccupiedBytes(size_t length) const {
  return TextStore::OccupiedBytes(layout_.prefix_bytes + sizeof(InternedText) + length + 1,
                                  layout_.is_given_back);
}

absl::Status StringTable::CheckRoom(absl::string_view text, uint16_t account, size_t bytes) {
  if (frozen_) {
    return absl::FailedPreconditionError(absl::StrCat("string pool ", options_.name,
                                                      " is frozen: text \"", text.substr(0, 64),
                                                      "\" is not in it"));
  }
  if (account != kWholePool) {
    const absl::Status room = accounts_[account].Check(bytes);
    if (!room.ok()) return room;
  }
  if (!has_bucket_room()) return NoMemory();
  return accounts_[kWholePool].Check(bytes);
}

absl::Status StringTable::NoMemory() const {
  return absl::ResourceExhaustedError(absl::StrCat("string pool ", options_.name,
                                                   ": the system gives no memory, in use ",
                                                   store_.used_bytes(), " bytes"));
}

uint32_t StringTable::Place(const InternedText& header, absl::string_view characters,
                            size_t occupied_bytes) {
  const uint32_t start = store_.Allocate(occupied_bytes);
  if (start == 0) return 0;
  const uint32_t reference =
      start + static_cast<uint32_t>(layout_.prefix_bytes / TextStore::kUnitBytes);
  char* place = store_.BytesAt(reference);
  new (place) InternedText(header);
  std::memcpy(place + sizeof(header), characters.data(), characters.size());
  place[sizeof(header) + characters.size()] = '\0';
  return reference;
}

bool StringTable::Link(uint64_t hash, uint32_t reference, size_t occupied_bytes) {
  while (!buckets_.Insert(hash, reference)) {
    if (store_.AddSpareBuckets()) continue;
    store_.Free(reference - static_cast<uint32_t>(layout_.prefix_bytes / TextStore::kUnitBytes),
                occupied_bytes);
    return false;
  }
  const uint64_t charged = occupied_bytes - layout_.prefix_bytes;
  const uint16_t account = store_.At(reference)->account;
  if (account != kWholePool) accounts_[account].Charge(charged);
  accounts_[kWholePool].Charge(charged);
  GrowByOne();
  return true;
}

// One bucket for every second text while a doubling is under way: it is done before the average
// chain of a bucket not yet split is a fifth longer, and the table is never wider than 10.7 bytes
// per text. Without memory the chains get longer and everything still works.
void StringTable::GrowByOne() {
  if (accounts_[kWholePool].strings() > size_t{wanted_buckets_} * kMeanFill) {
    wanted_buckets_ = std::min(max_buckets_, 2 * wanted_buckets_);
  }
  const uint32_t added = buckets_.count();
  if (added >= wanted_buckets_ || accounts_[kWholePool].strings() % 2 != 0) return;
  if (!bucket_room_.Grow((added + 1) * sizeof(Bucket))) return;
  new (reinterpret_cast<Bucket*>(bucket_room_.base()) + added) Bucket();
  const auto hash_of = [&](uint32_t reference) { return store_.At(reference)->hash; };
  while (!buckets_.Split(hash_of)) {
    if (!store_.AddSpareBuckets()) return;
  }
}

}  // namespace blixard::memory::internal
