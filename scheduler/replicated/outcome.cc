#include "scheduler/replicated/outcome.h"

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "scheduler/replicated/byte_cursor.h"

namespace blixard::scheduler {
namespace {

// In the order of OutcomeCode, from 1.
constexpr std::array<absl::string_view, 8> kCodeNames = {
    "ok",       "no fit",  "already exists", "not found", "node not empty",
    "conflict", "invalid", "limit reached"};

}  // namespace

absl::string_view OutcomeCodeName(OutcomeCode code) {
  const size_t place = static_cast<size_t>(code);
  return place >= 1 && place <= kCodeNames.size() ? kCodeNames[place - 1] : "unknown";
}

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << "{" << OutcomeCodeName(outcome.code) << ", node " << outcome.node_id << ", VM "
             << outcome.vm_id << ", no fit on " << outcome.no_fit.nodes << ": vCPU "
             << outcome.no_fit.lack_vcpu << ", memory " << outcome.no_fit.lack_memory << ", disk "
             << outcome.no_fit.lack_disk << "}";
}

std::array<char, kOutcomeBytes> EncodeOutcome(const Outcome& outcome) {
  std::array<char, kOutcomeBytes> bytes;
  ByteWriter writer(absl::MakeSpan(bytes));
  writer.Put(static_cast<uint8_t>(outcome.code));
  writer.Put(static_cast<uint32_t>(outcome.node_id));
  writer.Put(static_cast<uint64_t>(outcome.vm_id));
  writer.Put(outcome.no_fit.nodes);
  writer.Put(outcome.no_fit.lack_vcpu);
  writer.Put(outcome.no_fit.lack_memory);
  writer.Put(outcome.no_fit.lack_disk);
  return bytes;
}

absl::StatusOr<Outcome> DecodeOutcome(absl::string_view bytes) {
  if (bytes.size() != kOutcomeBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("outcome: want ", kOutcomeBytes, " bytes, got ", bytes.size()));
  }
  ByteReader reader(bytes);
  const uint8_t code = reader.Get<uint8_t>();
  if (code == 0 || code > kCodeNames.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("outcome code: want 1 to ", kCodeNames.size(), ", got ", code));
  }
  Outcome outcome{.code = static_cast<OutcomeCode>(code)};
  outcome.node_id = NodeId{reader.Get<uint32_t>()};
  outcome.vm_id = VmId{reader.Get<uint64_t>()};
  outcome.no_fit.nodes = reader.Get<uint32_t>();
  outcome.no_fit.lack_vcpu = reader.Get<uint32_t>();
  outcome.no_fit.lack_memory = reader.Get<uint32_t>();
  outcome.no_fit.lack_disk = reader.Get<uint32_t>();
  return outcome;
}

}  // namespace blixard::scheduler
