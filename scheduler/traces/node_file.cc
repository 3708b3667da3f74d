#include "scheduler/traces/node_file.h"

#include <array>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "scheduler/traces/csv_fields.h"
#include "scheduler/traces/csv_rows.h"
#include "scheduler/traces/huawei_topology.h"
#include "scheduler/traces/openb.h"

namespace blixard::scheduler::traces {
namespace {

enum Column : size_t { kName, kVcpu, kMemory, kDisk };

constexpr AmountUnit kOurs = {};
constexpr AmountUnit kOursOrNone = {.least = 0};

absl::StatusOr<NodeSpec> ReadOwnNode(const CsvRow& row, absl::flat_hash_set<std::string>& seen) {
  absl::StatusOr<std::string> name = ReadNewName(row, kName, "", seen);
  if (!name.ok()) return name.status();
  const absl::StatusOr<uint32_t> vcpu_milli = ReadAmount(row, kVcpu, kOurs);
  if (!vcpu_milli.ok()) return vcpu_milli.status();
  const absl::StatusOr<uint32_t> memory_mib = ReadAmount(row, kMemory, kOurs);
  if (!memory_mib.ok()) return memory_mib.status();
  const absl::StatusOr<uint32_t> disk_gib = ReadAmount(row, kDisk, kOursOrNone);
  if (!disk_gib.ok()) return disk_gib.status();
  return NodeSpec{
      .name = *std::move(name),
      .capacity = {.vcpu_milli = *vcpu_milli, .memory_mib = *memory_mib, .disk_gib = *disk_gib}};
}

absl::StatusOr<std::vector<NodeSpec>> ReadOwnNodes(const std::string& path) {
  std::vector<NodeSpec> nodes;
  absl::flat_hash_set<std::string> seen;
  const absl::Status read = ForEachCsvRow(
      path, {{"name"}, {"vcpu_milli"}, {"memory_mib"}, {"disk_gib"}}, [&](const CsvRow& row) {
        absl::StatusOr<NodeSpec> node = ReadOwnNode(row, seen);
        if (node.ok()) nodes.push_back(*std::move(node));
        return node.status();
      });
  if (!read.ok()) return read;
  return nodes;
}

// A file is of the kind whose telling columns its header has.
struct NodeFileKind {
  absl::string_view telling_columns;
  absl::StatusOr<std::vector<NodeSpec>> (*read)(const std::string& path);
};
constexpr std::array<NodeFileKind, 3> kKinds = {{
    {"name,vcpu_milli,memory_mib,disk_gib", &ReadOwnNodes},
    {"sn,cpu_milli,memory_mib", &ReadOpenbNodes},
    {"CPU1,RAM1,CPU2,RAM2", &ReadHuaweiNodes},
}};

absl::string_view WithoutDecoration(absl::string_view column) {
  column = absl::StripAsciiWhitespace(column);
  absl::ConsumePrefix(&column, "\"");
  absl::ConsumeSuffix(&column, "\"");
  return column;
}

bool HasColumns(absl::string_view header, absl::string_view wanted) {
  absl::flat_hash_set<absl::string_view> present;
  for (absl::string_view column : absl::StrSplit(header, ',')) {
    present.insert(WithoutDecoration(column));
  }
  for (absl::string_view column : absl::StrSplit(wanted, ',')) {
    if (!present.contains(column)) return false;
  }
  return true;
}

absl::Status UnknownHeader(const std::string& path, absl::string_view header) {
  std::string known;
  for (const NodeFileKind& kind : kKinds) {
    absl::StrAppend(&known, known.empty() ? "" : " or ", kind.telling_columns);
  }
  return absl::InvalidArgumentError(absl::StrCat(path, ": header: want the columns ", known,
                                                 ", got \"",
                                                 absl::CHexEscape(header.substr(0, 128)), "\""));
}

}  // namespace

absl::StatusOr<std::vector<NodeSpec>> ReadNodeFile(const std::string& path) {
  const absl::StatusOr<std::string> header = ReadCsvHeader(path);
  if (!header.ok()) return header.status();
  for (const NodeFileKind& kind : kKinds) {
    if (HasColumns(*header, kind.telling_columns)) return kind.read(path);
  }
  return UnknownHeader(path, *header);
}

}  // namespace blixard::scheduler::traces
