// Which slots of a growing table are taken. Always hands out the lowest free one, so that what
// stands where follows from the order of takes and releases alone, and is the same on every
// replica. Four levels of 64-bit words: every operation but the scan over a gap is O(1). Copyable;
// not thread-safe.
#ifndef BLIXARD_SCHEDULER_CORE_SLOT_SET_H_
#define BLIXARD_SCHEDULER_CORE_SLOT_SET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace blixard::scheduler {

class SlotSet {
 public:
  static constexpr uint32_t kMaxSlots = 1u << 24;  // 64^4

  // The slot that TakeLowest would take. CHECKs that one is left.
  uint32_t LowestFree() const;

  // Allocates only when the set reaches a new peak.
  uint32_t TakeLowest();

  // Takes this one, for what comes back from a snapshot. CHECKs that it is free.
  void Take(uint32_t slot);

  // Room for `slots` without another allocation. CHECKs the bound.
  void Reserve(size_t slots);

  // CHECKs that the slot is taken.
  void Release(uint32_t slot);

  bool Contains(uint32_t slot) const;

  // The lowest taken slot at or above `from`, or kMaxSlots.
  uint32_t NextTaken(uint32_t from) const;

  size_t size() const { return size_; }  // slots taken

 private:
  static constexpr size_t kLevels = 4;

  // levels_[0]: bit = slot taken. Above: bit = the word below is full. Words not yet there are 0.
  std::array<std::vector<uint64_t>, kLevels> levels_;
  size_t size_ = 0;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_CORE_SLOT_SET_H_
