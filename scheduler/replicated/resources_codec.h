// The bytes of Resources, the same in requests, commands and digests.
#ifndef BLIXARD_SCHEDULER_REPLICATED_RESOURCES_CODEC_H_
#define BLIXARD_SCHEDULER_REPLICATED_RESOURCES_CODEC_H_

#include <cstddef>
#include <cstdint>

#include "scheduler/core/resources.h"
#include "scheduler/replicated/byte_cursor.h"

namespace blixard::scheduler {

inline constexpr size_t kResourcesBytes = kDimensions.size() * sizeof(uint32_t);

inline void PutResources(const Resources& resources, ByteWriter& out) {
  for (const Dimension& dimension : kDimensions) out.Put(resources.*dimension.amount);
}

inline Resources GetResources(ByteReader& in) {
  Resources resources;
  for (const Dimension& dimension : kDimensions) resources.*dimension.amount = in.Get<uint32_t>();
  return resources;
}

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_RESOURCES_CODEC_H_
