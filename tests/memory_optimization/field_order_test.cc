// How this project keeps records small: fields in falling order of alignment, flags in one byte,
// short texts in place, and the size asserted, so that whoever adds a field sees what it costs.
// Never `packed`: a reference to a packed field is misaligned, and taking it is undefined.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "memory_optimization/flags.h"
#include "memory_optimization/inline_string.h"
#include "memory_optimization/interned_string.h"

namespace blixard::memory {
namespace {

enum class Trait : uint8_t { kDraining, kHasGpu, kHasLocalDisk, kCount };

// As it is written when nobody looks.
struct LooseNode {
  bool is_draining = false;
  uint64_t memory_mib = 0;
  bool has_gpu = false;
  uint32_t vcpus_milli = 0;
  bool has_local_disk = false;
  std::string zone{};
  uint16_t rack = 0;
};

struct CompactNode {
  uint64_t memory_mib = 0;
  InternedId zone{};
  uint32_t vcpus_milli = 0;
  uint16_t rack = 0;
  Flags<Trait> traits{};
  InlineString<11> short_name{};
};

static_assert(sizeof(LooseNode) == 72);
static_assert(sizeof(CompactNode) == 32);
static_assert(offsetof(CompactNode, short_name) == 19);  // no hole before it
static_assert(alignof(CompactNode) == 8);

TEST(FieldOrderTest, EveryFieldIsAlignedAndMayBeReferredTo) {
  CompactNode node;
  uint64_t& memory = node.memory_mib;
  memory = 1'024;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(&node.memory_mib) % alignof(uint64_t), 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(&node.vcpus_milli) % alignof(uint32_t), 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(&node.rack) % alignof(uint16_t), 0u);
  EXPECT_EQ(node.memory_mib, 1'024u);
}

}  // namespace
}  // namespace blixard::memory
