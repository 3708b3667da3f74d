#include "scheduler/core/slot_set.h"

#include <glog/logging.h>

#include <bit>

namespace blixard::scheduler {
namespace {

constexpr uint64_t kFull = ~uint64_t{0};
constexpr uint32_t kWordBits = 64;

constexpr uint64_t BitOf(uint32_t slot) { return uint64_t{1} << (slot % kWordBits); }

}  // namespace

uint32_t SlotSet::LowestFree() const {
  CHECK_LT(size_, size_t{kMaxSlots});
  uint32_t word = 0;
  for (size_t level = kLevels; level-- > 0;) {
    const uint64_t bits = word < levels_[level].size() ? levels_[level][word] : 0;
    word = word * kWordBits + static_cast<uint32_t>(std::countr_one(bits));
  }
  return word;
}

uint32_t SlotSet::TakeLowest() {
  const uint32_t slot = LowestFree();
  Take(slot);
  return slot;
}

void SlotSet::Take(uint32_t slot) {
  CHECK_LT(slot, kMaxSlots);
  CHECK(!Contains(slot)) << "slot " << slot << " is taken";
  uint32_t bit = slot;
  for (std::vector<uint64_t>& words : levels_) {
    const size_t word = bit / kWordBits;
    if (word >= words.size()) words.resize(word + 1);
    words[word] |= BitOf(bit);
    if (words[word] != kFull) break;
    bit /= kWordBits;
  }
  ++size_;
}

void SlotSet::Reserve(size_t slots) {
  CHECK_LE(slots, size_t{kMaxSlots});
  for (std::vector<uint64_t>& words : levels_) {
    slots = (slots + kWordBits - 1) / kWordBits;
    words.reserve(slots);
  }
}

void SlotSet::Release(uint32_t slot) {
  CHECK(Contains(slot)) << "slot " << slot << " is free";
  uint32_t bit = slot;
  for (std::vector<uint64_t>& words : levels_) {
    uint64_t& word = words[bit / kWordBits];
    const bool was_full = word == kFull;
    word &= ~BitOf(bit);
    if (!was_full) break;
    bit /= kWordBits;
  }
  --size_;
}

bool SlotSet::Contains(uint32_t slot) const {
  const std::vector<uint64_t>& words = levels_.front();
  return slot / kWordBits < words.size() && (words[slot / kWordBits] & BitOf(slot)) != 0;
}

uint32_t SlotSet::NextTaken(uint32_t from) const {
  const std::vector<uint64_t>& words = levels_.front();
  uint64_t below = BitOf(from) - 1;  // bits of the first word that lie before `from`
  for (size_t word = from / kWordBits; word < words.size(); ++word) {
    const uint64_t bits = words[word] & ~below;
    if (bits != 0) return static_cast<uint32_t>(word * kWordBits + std::countr_zero(bits));
    below = 0;
  }
  return kMaxSlots;
}

}  // namespace blixard::scheduler
