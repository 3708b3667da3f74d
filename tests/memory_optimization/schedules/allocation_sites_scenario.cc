// The tracker's set of call sites: threads add the same and different ones at once, and read what
// others added.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "memory_optimization/allocation_site_table.h"
#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/model_atomics.h"
#include "tests/memory_optimization/schedules/protocol.h"
#include "tests/memory_optimization/schedules/scenarios.h"

namespace blixard::memory::schedules {
namespace {

template <class Orders = internal::SiteTableOrders>
class Sites {
 public:
  static constexpr int kThreads = 3;

  Sites() {
    if (Execution* run = Execution::Current()) run->NameObject(&table_, sizeof(table_), "table");
  }

  void Run(int) {
    Random& random = Execution::Current()->random();
    for (int i = 0; i < 3; ++i) {
      const Site& site = kSites[random.Below(kSites.size())];
      const uint32_t index = table_.FindOrAdd(site.hash, site.frames.data(), site.frames.size());
      // With every slot taken a site may find none; a slot it was given must be its own.
      if (index != internal::kNoSite) Expect(ReadsAs(index, site), "a site is where it was found");
      VisitAll();
    }
  }
  // Twins are allowed, mixtures are not.
  void Finish() { VisitAll(); }

 private:
  static constexpr uint32_t kSlots = 4;
  static constexpr int kFrames = 2;

  struct Site {
    uint64_t hash;
    std::array<uintptr_t, kFrames> frames;
  };
  // The first two want the same slot and have the same hash; the third wants their next choice.
  static constexpr std::array<Site, 3> kSites = {{{.hash = 1, .frames = {10, 11}},
                                                  {.hash = 1, .frames = {20, 21}},
                                                  {.hash = 2, .frames = {30, 31}}}};

  bool ReadsAs(uint32_t index, const Site& site) const {
    size_t frame = 0;
    bool is_same = true;
    const bool found =
        table_.Visit(index, [&](uintptr_t address) { is_same &= address == site.frames[frame++]; });
    return found && is_same && frame == kFrames;
  }
  void VisitAll() const {
    for (uint32_t index = 1; index < kSlots; ++index) {
      std::array<uintptr_t, kFrames> frames = {};
      size_t frame = 0;
      if (!table_.Visit(index, [&](uintptr_t address) { frames[frame++] = address; })) continue;
      bool known = false;
      for (const Site& site : kSites) known |= site.frames == frames;
      Expect(known, "every slot shows a whole site");
    }
  }

  internal::SiteTable<kSlots, kFrames, ModelAtomics, Orders> table_;
};

struct RelaxedPublish : internal::SiteTableOrders {
  static constexpr std::memory_order kPublish = std::memory_order_relaxed;
};
struct RelaxedObserve : internal::SiteTableOrders {
  static constexpr std::memory_order kObserve = std::memory_order_relaxed;
};

}  // namespace

Protocol AllocationSitesProtocol() {
  const Explorer sound = ExplorerOf<Sites<>>();
  return {.name = "allocation_sites",
          .claim = "a call site is read as it was added, whoever adds at the same time",
          .explore = sound,
          .bugs = {BrokenScenario<Sites<RelaxedPublish>>("a site is not published"),
                   BrokenScenario<Sites<RelaxedObserve>>("a site is not acquired"),
                   BrokenAccess("a slot is claimed without a comparison", sound,
                                {.function = "FindOrAdd",
                                 .operation = Operation::kCompareExchange,
                                 .kind = Plant::Kind::kTear})}};
}

}  // namespace blixard::memory::schedules
