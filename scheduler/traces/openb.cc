#include "scheduler/traces/openb.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "scheduler/traces/csv_fields.h"
#include "scheduler/traces/csv_rows.h"

namespace blixard::scheduler::traces {
namespace {

enum Column : size_t { kName, kCpu, kMemory, kCreation, kDeletion };

constexpr AmountUnit kOurs = {};
constexpr AmountUnit kOursOrNone = {.least = 0};
constexpr double kOneSecond = 1.0 / 86'400;  // in days

struct Lifetime {
  double arrives_days = 0;
  double departs_days = kNever;
};

absl::StatusOr<double> ReadDeletion(const CsvRow& row, double arrives_days) {
  if (!row.Has(kDeletion) || row.Text(kDeletion).empty()) return kNever;
  const absl::StatusOr<double> departs = ReadSeconds(row, kDeletion);
  if (!departs.ok()) return departs;
  if (*departs < arrives_days) return row.Error(kDeletion, "a time not before creation_time");
  return *departs == arrives_days ? arrives_days + kOneSecond : *departs;
}

absl::StatusOr<Lifetime> ReadLifetime(const CsvRow& row) {
  if (!row.Has(kCreation) && !row.Has(kDeletion)) return Lifetime{};
  if (!row.Has(kCreation)) return row.Error(kCreation, "a column beside deletion_time");
  const absl::StatusOr<double> arrives = ReadSeconds(row, kCreation);
  if (!arrives.ok()) return arrives.status();
  const absl::StatusOr<double> departs = ReadDeletion(row, *arrives);
  if (!departs.ok()) return departs.status();
  return Lifetime{.arrives_days = *arrives, .departs_days = *departs};
}

absl::StatusOr<VmArrival> ReadPod(const CsvRow& row, absl::flat_hash_set<std::string>& seen) {
  absl::StatusOr<std::string> name = ReadNewName(row, kName, "", seen);
  if (!name.ok()) return name.status();
  const absl::StatusOr<uint32_t> vcpu_milli = ReadAmount(row, kCpu, kOurs);
  if (!vcpu_milli.ok()) return vcpu_milli.status();
  const absl::StatusOr<uint32_t> memory_mib = ReadAmount(row, kMemory, kOursOrNone);
  if (!memory_mib.ok()) return memory_mib.status();
  const absl::StatusOr<Lifetime> life = ReadLifetime(row);
  if (!life.ok()) return life.status();
  return VmArrival{
      .name = *std::move(name),
      .resources = {.vcpu_milli = *vcpu_milli, .memory_mib = std::max<uint32_t>(*memory_mib, 1)},
      .arrives_days = life->arrives_days,
      .departs_days = life->departs_days};
}

absl::StatusOr<NodeSpec> ReadNode(const CsvRow& row, absl::flat_hash_set<std::string>& seen) {
  absl::StatusOr<std::string> name = ReadNewName(row, kName, "", seen);
  if (!name.ok()) return name.status();
  const absl::StatusOr<uint32_t> vcpu_milli = ReadAmount(row, kCpu, kOurs);
  if (!vcpu_milli.ok()) return vcpu_milli.status();
  const absl::StatusOr<uint32_t> memory_mib = ReadAmount(row, kMemory, kOurs);
  if (!memory_mib.ok()) return memory_mib.status();
  return NodeSpec{.name = *std::move(name),
                  .capacity = {.vcpu_milli = *vcpu_milli, .memory_mib = *memory_mib}};
}

}  // namespace

absl::StatusOr<std::vector<NodeSpec>> ReadOpenbNodes(const std::string& path) {
  std::vector<NodeSpec> nodes;
  absl::flat_hash_set<std::string> seen;
  const absl::Status read =
      ForEachCsvRow(path, {{"sn"}, {"cpu_milli"}, {"memory_mib"}}, [&](const CsvRow& row) {
        absl::StatusOr<NodeSpec> node = ReadNode(row, seen);
        if (node.ok()) nodes.push_back(*std::move(node));
        return node.status();
      });
  if (!read.ok()) return read;
  return nodes;
}

absl::StatusOr<std::vector<VmArrival>> ReadOpenbPods(const std::string& path) {
  std::vector<VmArrival> vms;
  absl::flat_hash_set<std::string> seen;
  const std::vector<CsvColumn> columns = {{"name"},
                                          {"cpu_milli"},
                                          {"memory_mib"},
                                          {"creation_time", /*optional=*/true},
                                          {"deletion_time", /*optional=*/true}};
  const absl::Status read = ForEachCsvRow(path, columns, [&](const CsvRow& row) {
    absl::StatusOr<VmArrival> vm = ReadPod(row, seen);
    if (vm.ok()) vms.push_back(*std::move(vm));
    return vm.status();
  });
  if (!read.ok()) return read;
  return vms;
}

}  // namespace blixard::scheduler::traces
