#include "raft/core/message_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/raft/core/driven_node.h"

namespace blixard::raft {
namespace {

Message GoodAppend() {
  return AppendFrom({.term = 5}, {.term = Term{3}, .index = LogIndex{7}},
                    CommandsOf(Term{4}, LogIndex{8}, LogIndex{9}), LogIndex{2});
}

TEST(MessageCheckTest, AnyTypeWithATermPasses) {
  for (uint8_t type = 1; type <= 13; ++type) {
    EXPECT_TRUE(CheckMessage(From({}, static_cast<MessageType>(type))).ok()) << int{type};
  }
  EXPECT_TRUE(CheckMessage(GoodAppend()).ok());
}

TEST(MessageCheckTest, RefusedPreVoteMayBeInTermZero) {
  Message refusal = From({.term = 0}, MessageType::kPreVoteReply);
  EXPECT_FALSE(CheckMessage(refusal).ok());
  refusal.reject = true;
  EXPECT_TRUE(CheckMessage(refusal).ok());
}

TEST(MessageCheckTest, NamesWhatMakesNoSense) {
  struct Case {
    std::function<void(Message&)> spoil;
    absl::string_view want;
  };
  for (const Case& c : std::vector<Case>{
           {[](Message& m) { m.type = static_cast<MessageType>(0); },
            "message.type: want 1 to 13, got 0"},
           {[](Message& m) { m.type = static_cast<MessageType>(14); },
            "message.type: want 1 to 13, got 14"},
           {[](Message& m) { m.term = Term{0}; }, "message.term: want > 0, got 0"},
           {[](Message& m) { m.type = MessageType::kVote; },
            "message.entries: want none in a message of type 3, got 2"},
           {[](Message& m) { m.payload = BufferOf("four"); },
            "message.payload: want none in a message of type 5, got 4 bytes"},
           {[](Message& m) { m.log.term = Term{0}; },
            "message.log: want index and term both 0 or both above, got index 7 term 0"},
           {[](Message& m) { m.log = {.term = Term{1}, .index = LogIndex{0}}; },
            "message.log: want index and term both 0 or both above, got index 0 term 1"},
           {[](Message& m) { m.log.term = Term{6}; },
            "message.log.term: want <= 5 (message.term), got 6"},
           {[](Message& m) { m.entries[1].index = LogIndex{10}; },
            "message.entries: want index 9, got 10"},
           {[](Message& m) { m.entries[1].term = Term{3}; },
            "message.entries: want term 4 to 5 and > 0 at index 9, got 3"},
           {[](Message& m) { m.entries[1].term = Term{6}; },
            "message.entries: want term 4 to 5 and > 0 at index 9, got 6"}}) {
    SCOPED_TRACE(c.want);
    Message message = GoodAppend();
    c.spoil(message);
    const absl::Status status = CheckMessage(message);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), c.want);
  }
}

}  // namespace
}  // namespace blixard::raft
