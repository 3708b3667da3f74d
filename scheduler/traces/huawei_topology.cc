#include "scheduler/traces/huawei_topology.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "scheduler/core/resources.h"
#include "scheduler/traces/csv_fields.h"
#include "scheduler/traces/csv_rows.h"

namespace blixard::scheduler::traces {
namespace {

constexpr uint32_t kMilliPerVcpu = 1000;
constexpr uint32_t kMibPerGib = 1024;
constexpr AmountUnit kVcpus = {.per_unit = kMilliPerVcpu};
constexpr AmountUnit kGib = {.per_unit = kMibPerGib};
constexpr AmountUnit kVcpusOrNone = {.per_unit = kMilliPerVcpu, .least = 0};
constexpr AmountUnit kGibOrNone = {.per_unit = kMibPerGib, .least = 0};

struct NumaColumns {
  size_t first;
  size_t second;
};

// Both halves of a machine together; one of them may have nothing.
absl::StatusOr<uint32_t> ReadBothHalves(const CsvRow& row, const NumaColumns& columns,
                                        const AmountUnit& unit) {
  const absl::StatusOr<uint32_t> first = ReadAmount(row, columns.first, unit);
  if (!first.ok()) return first;
  const absl::StatusOr<uint32_t> second = ReadAmount(row, columns.second, unit);
  if (!second.ok()) return second;
  const uint32_t sum = *first + *second;  // two amounts up to kMaxAmount: no overflow
  if (sum == 0) return row.Error(columns.first, "above 0 on one NUMA node at least");
  if (sum <= kMaxAmount) return sum;
  return row.Error(columns.second,
                   absl::StrCat("at most ", kMaxAmount / unit.per_unit, " with its other half"));
}

absl::StatusOr<Resources> ReadCapacity(const CsvRow& row) {
  enum Column : size_t { kCpu1, kRam1, kCpu2, kRam2 };
  const absl::StatusOr<uint32_t> vcpu_milli =
      ReadBothHalves(row, {.first = kCpu1, .second = kCpu2}, kVcpusOrNone);
  if (!vcpu_milli.ok()) return vcpu_milli.status();
  const absl::StatusOr<uint32_t> memory_mib =
      ReadBothHalves(row, {.first = kRam1, .second = kRam2}, kGibOrNone);
  if (!memory_mib.ok()) return memory_mib.status();
  return Resources{.vcpu_milli = *vcpu_milli, .memory_mib = *memory_mib};
}

absl::StatusOr<Resources> ReadFlavor(const CsvRow& row) {
  enum Column : size_t { kFlavorVcpus, kFlavorRam };
  const absl::StatusOr<uint32_t> vcpu_milli = ReadAmount(row, kFlavorVcpus, kVcpus);
  if (!vcpu_milli.ok()) return vcpu_milli.status();
  const absl::StatusOr<uint32_t> memory_mib = ReadAmount(row, kFlavorRam, kGib);
  if (!memory_mib.ok()) return memory_mib.status();
  return Resources{.vcpu_milli = *vcpu_milli, .memory_mib = *memory_mib};
}

}  // namespace

absl::StatusOr<std::vector<NodeSpec>> ReadHuaweiNodes(const std::string& path) {
  std::vector<NodeSpec> nodes;
  const absl::Status read =
      ForEachCsvRow(path, {{"CPU1"}, {"RAM1"}, {"CPU2"}, {"RAM2"}}, [&](const CsvRow& row) {
        const absl::StatusOr<Resources> capacity = ReadCapacity(row);
        if (capacity.ok()) nodes.push_back({absl::StrCat("host-", nodes.size()), *capacity});
        return capacity.status();
      });
  if (!read.ok()) return read;
  return nodes;
}

absl::StatusOr<std::vector<VmArrival>> ReadHuaweiVms(const std::string& path) {
  std::vector<VmArrival> vms;
  const absl::Status read =
      ForEachCsvRow(path, {{"flavor_vcpus"}, {"flavor_ram"}}, [&](const CsvRow& row) {
        const absl::StatusOr<Resources> flavor = ReadFlavor(row);
        if (flavor.ok()) {
          vms.push_back({.name = absl::StrCat("vm-", vms.size()), .resources = *flavor});
        }
        return flavor.status();
      });
  if (!read.ok()) return read;
  return vms;
}

}  // namespace blixard::scheduler::traces
