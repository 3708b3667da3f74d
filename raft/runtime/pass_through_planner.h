// The planner of a state machine that needs none: an entry's payload is its requests as they came.
#ifndef BLIXARD_RAFT_RUNTIME_PASS_THROUGH_PLANNER_H_
#define BLIXARD_RAFT_RUNTIME_PASS_THROUGH_PLANNER_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/runtime/planner.h"

namespace blixard::raft {

// Payload: each request as a little-endian 32-bit length and its bytes.
class PassThroughPlanner : public Planner {
 public:
  void BeginTerm(Term) override {}
  void EndTerm() override {}
  size_t Plan(LogIndex index, absl::Span<const absl::string_view> requests,
              memory::Buffer& payload) override;
};

// Appends one request to such a payload that is a string; allocates only where it has to grow.
void AppendPassThroughRequest(absl::string_view request, std::string& payload);

// Reads such a payload back, request by request, in place.
class PassThroughReader {
 public:
  explicit PassThroughReader(absl::string_view payload) : rest_(payload) {}

  // The next request, or nothing at the end. kDataLoss: a length points past the payload.
  absl::StatusOr<std::optional<absl::string_view>> Next();

 private:
  absl::string_view rest_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_PASS_THROUGH_PLANNER_H_
