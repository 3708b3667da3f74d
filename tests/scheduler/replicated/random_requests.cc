#include "tests/scheduler/replicated/random_requests.h"

#include "absl/strings/str_cat.h"

namespace blixard::scheduler {
namespace {

constexpr size_t kNodeNames = 12;
constexpr size_t kVmNames = 60;

}  // namespace

std::string RandomRequests::Next() {
  const uint64_t kind = random_() % 100;
  if (kind < 2) return "not a request";
  // Most repeats are of late requests, some are old enough to be forgotten.
  if (kind < 12 && !sent_.empty()) {
    const size_t back = random_() % (kind < 10 ? std::min<size_t>(sent_.size(), 16) : sent_.size());
    return sent_[sent_.size() - 1 - back];
  }
  std::string name;
  std::string bytes;
  EncodeRequest(NewRequest(name), &bytes);
  sent_.push_back(bytes);
  return bytes;
}

Request RandomRequests::NewRequest(std::string& name) {
  const uint64_t kind = random_() % 100;
  Request request;
  request.id = {.client_id = 1 + random_() % 3, .sequence = ++sequence_};
  if (kind < 15) {
    name = absl::StrCat("node-", random_() % kNodeNames);
    request.op = kind < 8 ? RequestOp::kRegisterNode : RequestOp::kRemoveNode;
    request.resources = {.vcpu_milli = static_cast<uint32_t>(2000 + random_() % 8000),
                         .memory_mib = static_cast<uint32_t>(2048 + random_() % 8192),
                         .disk_gib = static_cast<uint32_t>(random_() % 3 == 0 ? 0 : 50)};
  } else {
    name = absl::StrCat("vm-", random_() % kVmNames);
    request.op = kind < 65 ? RequestOp::kCreateVm : RequestOp::kDeleteVm;
    request.resources = {.vcpu_milli = static_cast<uint32_t>(100 + random_() % 2000),
                         .memory_mib = static_cast<uint32_t>(100 + random_() % 2000),
                         .disk_gib = static_cast<uint32_t>(random_() % 5)};
  }
  request.name = name;
  return request;
}

}  // namespace blixard::scheduler
