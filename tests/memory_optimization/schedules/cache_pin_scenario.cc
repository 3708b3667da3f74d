// Lock-free pins of ArcCache against the evictor. Two cells of a table; readers pin what they find
// there; a writer evicts entries, and erases one by moving its neighbour into its cell. Guards may
// be released by another thread than the one that took them.
#include <array>
#include <atomic>
#include <cstdint>

#include "memory_optimization/arc_cache_pin_protocol.h"
#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/model_atomics.h"
#include "tests/memory_optimization/schedules/protocol.h"
#include "tests/memory_optimization/schedules/scenarios.h"

namespace blixard::memory::schedules {
namespace {

using SoundOrders = internal::PinOrders<ModelAtomics>;

template <class Orders = SoundOrders>
class Pins {
 public:
  static constexpr int kThreads = 4;

  Pins() {
    for (Word& cell : cells_) Protocol::Publish(cell, NewEntry());
    if (Execution* run = Execution::Current()) {
      run->NameObject(&cells_, sizeof(cells_), "cells");
      run->NameObject(&slots_, sizeof(slots_), "slots");
      run->NameObject(&mailbox_, sizeof(mailbox_), "mailbox");
    }
  }

  void Run(int thread) {
    switch (thread) {
      case 0:
        return Evict();
      case 3:
        return ReleaseForOthers();
      default:
        return Read(thread - 1);
    }
  }

 private:
  using Protocol = internal::PinProtocol<ModelAtomics, Orders>;
  using Word = typename Protocol::Word;

  struct Entry {
    ModelPlain<int> value = 7;
  };

  static constexpr int kReaders = 2;
  static constexpr int kSlots = 2;  // of each reader

  static uint64_t NewEntry() { return reinterpret_cast<uint64_t>(ModelAtomics::New<Entry>()); }
  static Entry* EntryOf(uint64_t word) { return reinterpret_cast<Entry*>(word); }
  static Random& random() { return Execution::Current()->random(); }

  void Read(int reader) {
    for (int i = 0; i < 3; ++i) {
      Word& cell = cells_[random().Below(2)];
      const uint64_t seen = cell.load(std::memory_order_relaxed);
      Word* slot = FindSlot(reader);
      if (seen == 0 || slot == nullptr || !Protocol::TryPin(*slot, cell, seen, seen)) continue;
      Use(EntryOf(seen));
      if (random().OneIn(2)) {
        Protocol::Unpin(*slot);
      } else if (Word* given_back = mailbox_.exchange(slot, std::memory_order_acq_rel)) {
        Protocol::Unpin(*given_back);
      }
    }
  }
  void ReleaseForOthers() {
    for (int i = 0; i < 3; ++i) {
      Word* slot = mailbox_.exchange(nullptr, std::memory_order_acq_rel);
      if (slot == nullptr) continue;
      Use(EntryOf(slot->load(std::memory_order_relaxed)));
      Protocol::Unpin(*slot);
    }
  }
  static void Use(const Entry* entry) {
    Expect(entry != nullptr && entry->value == 7, "a pinned entry is whole");
  }

  Word* FindSlot(int reader) {
    for (Word& slot : slots_[static_cast<size_t>(reader)]) {
      if (Protocol::IsEmpty(slot)) return &slot;
    }
    return nullptr;
  }

  void Evict() {
    for (int i = 0; i < 3; ++i) {
      if (random().OneIn(2)) {
        EvictFrom(cells_[random().Below(2)]);
      } else {
        EraseByMoving();
      }
    }
  }
  // As an eviction: a pinned candidate is spared.
  void EvictFrom(Word& cell) {
    const uint64_t entry = cell.load(std::memory_order_relaxed);
    Protocol::Hide(cell, 0);
    Protocol::Settle();
    const bool pinned = IsPinned(entry);
    Protocol::Publish(cell, pinned ? entry : NewEntry());
    if (!pinned) ModelAtomics::Delete(EntryOf(entry));
  }
  // As an invalidation: the entry is gone from the table at once, and freed when no pin shows it.
  void EraseByMoving() {
    const uint64_t entry = cells_[0].load(std::memory_order_relaxed);
    Protocol::Hide(cells_[0], cells_[1].load(std::memory_order_relaxed));
    Protocol::Hide(cells_[1], 0);
    Protocol::Publish(cells_[1], NewEntry());
    Protocol::Settle();
    if (!IsPinned(entry)) ModelAtomics::Delete(EntryOf(entry));
  }
  bool IsPinned(uint64_t entry) {
    bool pinned = false;
    for (const auto& slots : slots_) {
      for (const Word& slot : slots) pinned |= Protocol::Look(slot) == entry;
    }
    return pinned;
  }

  std::array<Word, 2> cells_;
  std::array<std::array<Word, kSlots>, kReaders> slots_;
  ModelAtomic<Word*> mailbox_ = nullptr;
};

struct NoSecondLook : SoundOrders {
  static constexpr bool kLooksAgain = false;
};
struct NoBarrier : SoundOrders {
  static constexpr bool kBarrierStands = false;
};
struct RelaxedUnpin : SoundOrders {
  static constexpr std::memory_order kUnpin = std::memory_order_relaxed;
};
struct RelaxedFindSlot : SoundOrders {
  static constexpr std::memory_order kFindSlot = std::memory_order_relaxed;
};
struct RelaxedHide : SoundOrders {
  static constexpr std::memory_order kHide = std::memory_order_relaxed;
};

}  // namespace

Protocol CachePinProtocol() {
  const Explorer sound = ExplorerOf<Pins<>>();
  return {.name = "cache_pin",
          .claim = "a pinned entry is not freed, whoever releases the pin",
          .explore = sound,
          .bugs = {BrokenScenario<Pins<NoSecondLook>>("the reader does not look again"),
                   BrokenScenario<Pins<NoBarrier>>("the evictor issues no barrier"),
                   BrokenScenario<Pins<RelaxedUnpin>>("unpinning does not release"),
                   BrokenScenario<Pins<RelaxedFindSlot>>(
                       "the owner of a slot does not acquire what ended its last pin"),
                   BrokenScenario<Pins<RelaxedHide>>("moving an entry does not publish it"),
                   BrokenAccess("no compiler fence between announcement and look", sound,
                                {.function = "TryPin",
                                 .operation = Operation::kCompilerFence,
                                 .kind = Plant::Kind::kSkip})}};
}

}  // namespace blixard::memory::schedules
