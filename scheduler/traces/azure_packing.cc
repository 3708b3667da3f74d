#include "scheduler/traces/azure_packing.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "scheduler/traces/csv_fields.h"
#include "scheduler/traces/csv_rows.h"

namespace blixard::scheduler::traces {
namespace {

enum Column : size_t { kVmId, kCores, kRam, kStart, kEnd };

constexpr AmountUnit kCoreUnits = {.per_unit = 20, .fractions = true};  // 50 = 1000 milli
constexpr AmountUnit kGib = {.per_unit = 1024, .fractions = true};

absl::StatusOr<double> ReadEnd(const CsvRow& row, double arrives_days) {
  if (row.Text(kEnd) == "inf" || row.Text(kEnd).empty()) return kNever;
  absl::StatusOr<double> departs = ReadDays(row, kEnd);
  if (departs.ok() && *departs <= arrives_days) {
    return row.Error(kEnd, "a time after starttime");
  }
  return departs;
}

absl::StatusOr<VmArrival> ReadVm(const CsvRow& row, absl::flat_hash_set<std::string>& seen) {
  absl::StatusOr<std::string> name = ReadNewName(row, kVmId, "vm-", seen);
  if (!name.ok()) return name.status();
  const absl::StatusOr<uint32_t> vcpu_milli = ReadAmount(row, kCores, kCoreUnits);
  if (!vcpu_milli.ok()) return vcpu_milli.status();
  const absl::StatusOr<uint32_t> memory_mib = ReadAmount(row, kRam, kGib);
  if (!memory_mib.ok()) return memory_mib.status();
  const absl::StatusOr<double> arrives = ReadDays(row, kStart);
  if (!arrives.ok()) return arrives.status();
  const absl::StatusOr<double> departs = ReadEnd(row, *arrives);
  if (!departs.ok()) return departs.status();
  return VmArrival{.name = *std::move(name),
                   .resources = {.vcpu_milli = *vcpu_milli, .memory_mib = *memory_mib},
                   .arrives_days = *arrives,
                   .departs_days = *departs};
}

}  // namespace

absl::StatusOr<std::vector<VmArrival>> ReadAzurePacking(const std::string& path) {
  std::vector<VmArrival> vms;
  absl::flat_hash_set<std::string> seen;
  const absl::Status read = ForEachCsvRow(
      path, {{"vmId"}, {"cores"}, {"ram"}, {"starttime"}, {"endtime"}}, [&](const CsvRow& row) {
        absl::StatusOr<VmArrival> vm = ReadVm(row, seen);
        if (vm.ok()) vms.push_back(*std::move(vm));
        return vm.status();
      });
  if (!read.ok()) return read;
  return vms;
}

}  // namespace blixard::scheduler::traces
