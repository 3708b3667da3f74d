// Needs of a VM as bits, in a record whose size is held by the compiler.
#include "memory_optimization/flags.h"

#include <glog/logging.h>

#include <cstdint>

using blixard::memory::Flags;

enum class Need : uint8_t { kGpu, kLocalDisk, kSpread, kCount };

// Largest fields first: the same fields in the order disk, needs, id, vcpu would take 24 bytes.
struct VmRow {
  uint64_t id = 0;
  uint32_t vcpu_milli = 0;
  uint16_t disk_gib = 0;
  Flags<Need> needs;
};
static_assert(sizeof(Flags<Need>) == 1);
static_assert(sizeof(VmRow) == 16);

int main() {
  VmRow row;
  row.needs = {Need::kGpu, Need::kSpread};
  CHECK(row.needs.Has(Need::kSpread));
  CHECK(!row.needs.Has(Need::kLocalDisk));
  const Flags<Need> offered = Flags<Need>::All();
  CHECK(offered.HasAll(row.needs));
}
