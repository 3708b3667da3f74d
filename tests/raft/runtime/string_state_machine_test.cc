#include "raft/runtime/string_state_machine.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "raft/runtime/pass_through_planner.h"
#include "tests/raft/runtime/memory_stream.h"

namespace blixard::raft {
namespace {

// Appends what it is told, and answers how long the text has become.
class Text : public StringStateMachine {
 public:
  const std::string& text() const { return text_; }

 private:
  std::string CarryOut(absl::string_view request) override {
    text_.append(request.data(), request.size());
    return std::to_string(text_.size());
  }
  std::string Save() override { return text_; }
  absl::Status Load(absl::string_view state) override {
    if (state == "damaged") return absl::DataLossError("no text");
    text_ = std::string(state);
    return absl::OkStatus();
  }

  std::string text_;
};

struct Outcomes : OutcomeSink {
  void Set(size_t position, absl::string_view outcome) override {
    all[position] = std::string(outcome);
  }
  std::map<size_t, std::string> all;
};

TEST(StringStateMachineTest, EachRequestOfAnEntryIsCarriedOutAndAnsweredInOrder) {
  std::string payload;
  for (const char* request : {"one", "", "three"}) AppendPassThroughRequest(request, payload);
  Text machine;
  Outcomes outcomes;
  machine.Apply({Term{1}, LogIndex{1}}, payload, outcomes);
  EXPECT_EQ(machine.text(), "onethree");
  EXPECT_EQ(outcomes.all, (std::map<size_t, std::string>{{0, "3"}, {1, "3"}, {2, "8"}}));
}

TEST(StringStateMachineTest, AnEntryEndsWhereItMakesNoSense) {
  std::string payload;
  AppendPassThroughRequest("whole", payload);
  AppendPassThroughRequest("cut", payload);
  payload.pop_back();
  Text machine;
  Outcomes outcomes;
  machine.Apply({Term{1}, LogIndex{1}}, payload, outcomes);
  EXPECT_EQ(machine.text(), "whole");
  EXPECT_EQ(outcomes.all.size(), 1u);
}

TEST(StringStateMachineTest, APictureIsOfItsMomentAndRestoresTheState) {
  std::string payload;
  AppendPassThroughRequest("text", payload);
  Text machine;
  Outcomes outcomes;
  machine.Apply({Term{1}, LogIndex{1}}, payload, outcomes);
  const std::unique_ptr<StateView> view = machine.Freeze();
  machine.Apply({Term{1}, LogIndex{2}}, payload, outcomes);
  MemorySink sink;
  ASSERT_TRUE(view->WriteTo(sink).ok());
  Text restored;
  MemorySource source(sink.bytes(), 3);
  ASSERT_TRUE(restored.Restore(source).ok());
  EXPECT_EQ(restored.text(), "text");
  MemorySource damaged("damaged");
  EXPECT_EQ(restored.Restore(damaged).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(restored.text(), "text");
}

}  // namespace
}  // namespace blixard::raft
