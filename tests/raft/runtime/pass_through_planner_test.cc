#include "raft/runtime/pass_through_planner.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace blixard::raft {
namespace {

memory::Buffer Payload(size_t capacity) {
  absl::StatusOr<memory::Buffer> buffer = memory::BufferPool::Default().Acquire(capacity);
  return *std::move(buffer);
}

std::vector<std::string> ReadAll(absl::string_view payload) {
  std::vector<std::string> requests;
  PassThroughReader reader(payload);
  while (true) {
    const auto request = reader.Next();
    if (!request.ok()) return {"error"};
    if (!request->has_value()) return requests;
    requests.emplace_back(**request);
  }
}

TEST(PassThroughPlannerTest, RequestsComeBackInOrder) {
  PassThroughPlanner planner;
  memory::Buffer payload = Payload(1024);
  EXPECT_EQ(planner.Plan(LogIndex{1}, {"one", "", "three"}, payload), 3u);
  EXPECT_EQ(ReadAll(payload.view()), (std::vector<std::string>{"one", "", "three"}));
}

TEST(PassThroughPlannerTest, TakesOnlyWhatFits) {
  PassThroughPlanner planner;
  memory::Buffer payload = Payload(64);
  const std::string large(payload.capacity() / 2, 'x');
  EXPECT_EQ(planner.Plan(LogIndex{1}, {"first", large, large}, payload), 2u);
  EXPECT_EQ(ReadAll(payload.view()), (std::vector<std::string>{"first", large}));
}

TEST(PassThroughReaderTest, EveryTruncationIsDetectedOrEndsAtARequest) {
  PassThroughPlanner planner;
  memory::Buffer payload = Payload(1024);
  planner.Plan(LogIndex{1}, {"one", "three"}, payload);
  const size_t after_first = 4 + 3;
  for (size_t size = 1; size < payload.size(); ++size) {
    const std::vector<std::string> got = ReadAll(payload.view().substr(0, size));
    if (size == after_first) {
      EXPECT_EQ(got, std::vector<std::string>{"one"});
    } else {
      EXPECT_EQ(got, std::vector<std::string>{"error"}) << size << " bytes";
    }
  }
}

}  // namespace
}  // namespace blixard::raft
