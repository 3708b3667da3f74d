#include "rpc/cli/resource_flags.h"

#include <cmath>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace blixard::rpc {
namespace {

struct Scaled {
  absl::string_view flag;
  double value;
  double units;  // of the service in one unit of the flag
};

constexpr double kMaxUnits = 2'147'483'647;  // what the service takes

absl::StatusOr<uint32_t> ToUnits(const Scaled& scaled) {
  const double units = std::ceil(scaled.value * scaled.units);
  if (units >= 1 && units <= kMaxUnits) return static_cast<uint32_t>(units);
  return absl::InvalidArgumentError(absl::StrCat(scaled.flag, ": want above 0 and up to ",
                                                 kMaxUnits / scaled.units, ", got ", scaled.value));
}

}  // namespace

void ResourceFlags::AddTo(CLI::App& command) {
  command.add_option("--vcpu", vcpu, "vCPUs; fractions down to 0.001")->required();
  command.add_option("--memory-gib", memory_gib, "Memory in GiB; fractions are rounded up to MiB")
      ->required();
  command.add_option("--disk-gib", disk_gib, "Disk in GiB")->capture_default_str();
}

absl::Status ResourceFlags::FillIn(v1::Resources* resources) const {
  const absl::StatusOr<uint32_t> vcpu_milli =
      ToUnits({.flag = "--vcpu", .value = vcpu, .units = 1000});
  if (!vcpu_milli.ok()) return vcpu_milli.status();
  const absl::StatusOr<uint32_t> memory_mib =
      ToUnits({.flag = "--memory-gib", .value = memory_gib, .units = 1024});
  if (!memory_mib.ok()) return memory_mib.status();
  resources->set_vcpu_milli(*vcpu_milli);
  resources->set_memory_mib(*memory_mib);
  resources->set_disk_gib(disk_gib);
  return absl::OkStatus();
}

}  // namespace blixard::rpc
