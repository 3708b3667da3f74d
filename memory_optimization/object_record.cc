#include "memory_optimization/object_record.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <sstream>
#include <tuple>

#include "memory_optimization/memory_annotations.h"

namespace blixard::memory::internal {
namespace {

// As a pointer it is not canonical, as a size it is absurd.
constexpr unsigned char kPattern = 0xdb;

}  // namespace

void ObjectRecord::NoteLive(CallSite site) {
  AnnounceLive(place_.pool, place_.object, place_.bytes);
  if (buried_) {
    if (!IsPatternWhole()) ReportPoolMisuse(Describe(PoolMisuse::kWriteAfterReturn));
    std::memcpy(place_.object, place_.aside, place_.bytes);
    buried_ = false;
  }
  acquired_at_ = site;
  released_at_ = nullptr;
  place_.header->state.store(ObjectState::kGuarded);
}

bool ObjectRecord::NoteReturn(uint32_t generation, const void* released_at) {
  ObjectState state = ObjectState::kGuarded;
  if (generation != 0 && generation != this->generation()) {
    ReportPoolMisuse(Describe(PoolMisuse::kDoubleRelease));
    return false;
  }
  if (!place_.header->state.compare_exchange_strong(state, ObjectState::kIdle)) {
    ReportPoolMisuse(Describe(state == ObjectState::kDetached ? PoolMisuse::kReleaseOfDetached
                                                              : PoolMisuse::kDoubleRelease));
    return false;
  }
  released_at_ = released_at;
  generation_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void ObjectRecord::Bury() {
  place_.header->state.store(ObjectState::kIdle);
  std::memcpy(place_.aside, place_.object, place_.bytes);
  std::memset(place_.object, kPattern, place_.bytes);
  buried_ = true;
  AnnounceIdle(place_.pool, place_.object, place_.bytes);
}

void ObjectRecord::Exhume() {
  AllowAccess(place_.object, place_.bytes);
  if (!buried_) return;
  if (!IsPatternWhole()) ReportPoolMisuse(Describe(PoolMisuse::kWriteAfterReturn));
  std::memcpy(place_.object, place_.aside, place_.bytes);
  buried_ = false;
}

PoolMisuseReport ObjectRecord::Describe(PoolMisuse misuse) const {
  return {.misuse = misuse,
          .pool = place_.pool_name,
          .object = place_.object,
          .acquired_at = acquired_at_,
          .released_at = released_at_};
}

bool ObjectRecord::IsPatternWhole() const {
  const auto* bytes = static_cast<const unsigned char*>(place_.object);
  return std::all_of(bytes, bytes + place_.bytes, [](unsigned char b) { return b == kPattern; });
}

void ObjectRecords::Add(ObjectRecord* record) {
  const std::lock_guard lock(mutex_);
  record->next_ = first_;
  record->link_ = &first_;
  if (first_ != nullptr) first_->link_ = &record->next_;
  first_ = record;
}

void ObjectRecords::Remove(ObjectRecord* record) {
  const std::lock_guard lock(mutex_);
  *record->link_ = record->next_;
  if (record->next_ != nullptr) record->next_->link_ = record->link_;
}

std::string ObjectRecords::DescribeLive() const {
  using Site = std::tuple<std::string_view, uint32_t, std::string_view>;
  std::map<Site, size_t> sites;
  {
    const std::lock_guard lock(mutex_);
    for (const ObjectRecord* record = first_; record != nullptr; record = record->next_) {
      CallSite site = record->acquired_at();
      if (record->is_live()) ++sites[{site.file_name(), site.line(), site.function_name()}];
    }
  }
  std::ostringstream text;
  for (const auto& [site, count] : sites) {
    text << count << " acquired at " << std::get<0>(site) << ":" << std::get<1>(site) << " ("
         << std::get<2>(site) << ")\n";
  }
  return text.str();
}

}  // namespace blixard::memory::internal
