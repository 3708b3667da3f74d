#include "scheduler/traces/read_trace.h"

#include <glog/logging.h>

#include <utility>
#include <vector>

#include "scheduler/traces/azure_packing.h"
#include "scheduler/traces/huawei_topology.h"
#include "scheduler/traces/openb.h"

namespace blixard::scheduler::traces {
namespace {

absl::StatusOr<std::vector<VmArrival>> ReadVms(TraceFormat format, const std::string& path) {
  switch (format) {
    case TraceFormat::kAzurePacking:
      return ReadAzurePacking(path);
    case TraceFormat::kOpenb:
      return ReadOpenbPods(path);
    case TraceFormat::kHuaweiTopology:
      return ReadHuaweiVms(path);
  }
  LOG(FATAL) << "no such trace format: " << static_cast<int>(format);
}

}  // namespace

absl::StatusOr<Trace> ReadTrace(TraceFormat format, const std::string& path) {
  absl::StatusOr<std::vector<VmArrival>> vms = ReadVms(format, path);
  if (!vms.ok()) return vms.status();
  return Trace{.nodes = {}, .vms = *std::move(vms)};
}

}  // namespace blixard::scheduler::traces
