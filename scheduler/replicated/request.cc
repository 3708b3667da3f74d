#include "scheduler/replicated/request.h"

#include <glog/logging.h>

#include "absl/strings/str_cat.h"
#include "scheduler/replicated/byte_cursor.h"
#include "scheduler/replicated/resources_codec.h"

namespace blixard::scheduler {
namespace {

bool HasResources(RequestOp op) {
  return op == RequestOp::kRegisterNode || op == RequestOp::kCreateVm;
}

bool IsKnown(RequestOp op) { return op >= RequestOp::kRegisterNode && op <= RequestOp::kDeleteVm; }

bool IsValid(const Request& request) {
  return IsKnown(request.op) && request.id.client_id != 0 && request.id.sequence != 0 &&
         IsValidName(request.name) &&
         (!HasResources(request.op) || IsValidResources(request.resources));
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const RequestId& id) {
  return out << id.client_id << "/" << id.sequence;
}

absl::Status ValidateRequest(const Request& request) {
  if (!IsKnown(request.op)) {
    return absl::InvalidArgumentError(
        absl::StrCat("op: want 1 to 4, got ", static_cast<int>(request.op)));
  }
  if (request.id.client_id == 0) {
    return absl::InvalidArgumentError("request_id.client_id: want a random number, got 0");
  }
  if (request.id.sequence == 0) {
    return absl::InvalidArgumentError("request_id.sequence: want 1 or more, got 0");
  }
  const absl::Status name = ValidateName({.field = "name", .value = request.name});
  if (!name.ok() || !HasResources(request.op)) return name;
  return ValidateResources(request.op == RequestOp::kRegisterNode ? "capacity" : "resources",
                           request.resources);
}

size_t EncodedRequestBytes(const Request& request) {
  return 1 + 8 + 8 + 1 + request.name.size() + (HasResources(request.op) ? kResourcesBytes : 0);
}

size_t EncodeRequest(const Request& request, absl::Span<char> out) {
  CHECK(IsValid(request)) << ValidateRequest(request);
  ByteWriter writer(out);
  writer.Put(static_cast<uint8_t>(request.op));
  writer.Put(request.id.client_id);
  writer.Put(request.id.sequence);
  writer.PutText(request.name);
  if (HasResources(request.op)) PutResources(request.resources, writer);
  return writer.used();
}

void EncodeRequest(const Request& request, std::string* out) {
  const size_t before = out->size();
  out->resize(before + EncodedRequestBytes(request));
  EncodeRequest(request, absl::MakeSpan(*out).subspan(before));
}

absl::StatusOr<Request> DecodeRequest(absl::string_view bytes) {
  ByteReader reader(bytes);
  Request request;
  request.op = static_cast<RequestOp>(reader.Get<uint8_t>());
  request.id.client_id = reader.Get<uint64_t>();
  request.id.sequence = reader.Get<uint64_t>();
  request.name = reader.GetText();
  if (HasResources(request.op)) request.resources = GetResources(reader);
  if (!reader.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("request: want a whole one, got ", bytes.size(), " bytes"));
  }
  if (!reader.rest().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("request: want its end, got ", reader.rest().size(), " bytes more"));
  }
  if (!IsValid(request)) return ValidateRequest(request);
  return request;
}

}  // namespace blixard::scheduler
