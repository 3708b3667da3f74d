// Ten thousand nodes by columns: the first one with room is found in vector code.
#include "memory_optimization/columns.h"

#include <glog/logging.h>

#include <cstdint>

#include "memory_optimization/column_kernels.h"

using blixard::memory::ColumnDemand;
using blixard::memory::Columns;

enum NodeColumn { kFreeVcpuMilli, kFreeMemoryMib };

int main() {
  Columns<int32_t, int32_t> nodes;
  for (int32_t i = 0; i < 10'000; ++i) nodes.Append(i, 20'000 - i);
  const ColumnDemand wanted[] = {{.column = nodes.column<kFreeVcpuMilli>(), .least = 4000},
                                 {.column = nodes.column<kFreeMemoryMib>(), .least = 8192}};
  CHECK_EQ(blixard::memory::FindFirstFit(wanted), 4000u);
  CHECK_EQ(blixard::memory::scalar::FindFirstFit(wanted), 4000u);  // the same, one by one
}
