// Requests in a log entry (raft/runtime/pass_through_planner.h).
#include <glog/logging.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/runtime/pass_through_planner.h"
#include "tests/fuzz/fuzz_target.h"

namespace blixard::fuzz {

// What could be read, written again, is the front of it; all of it where nothing was wrong.
void FuzzOne(absl::string_view bytes) {
  raft::PassThroughReader reader(bytes);
  std::string again;
  while (true) {
    const absl::StatusOr<std::optional<absl::string_view>> request = reader.Next();
    if (!request.ok()) {
      CHECK(absl::IsDataLoss(request.status())) << request.status();
      CHECK(bytes.substr(0, again.size()) == again && again.size() < bytes.size());
      return;
    }
    if (!request->has_value()) break;
    raft::AppendPassThroughRequest(**request, again);
  }
  CHECK(again == bytes) << "an entry has two encodings";
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds(1);
  std::string payload;
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{300}}) {
    raft::AppendPassThroughRequest(std::string(bytes, 'r'), payload);
    seeds.push_back(payload);
  }
  return seeds;
}

}  // namespace blixard::fuzz
