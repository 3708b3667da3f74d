#include "scheduler/replicated/request_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

namespace blixard::scheduler {
namespace {

RequestId IdOf(uint64_t sequence) { return {.client_id = 3, .sequence = sequence}; }

Outcome OutcomeOf(uint64_t vm) { return {.code = OutcomeCode::kOk, .vm_id = VmId{vm}}; }

TEST(RequestTableTest, FindsWhatWasRecorded) {
  RequestTable table(4);
  table.Record(IdOf(1), OutcomeOf(10));
  const RecordedRequest* found = table.Find(IdOf(1));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->outcome, OutcomeOf(10));
  EXPECT_EQ(found->position, 0u);
  EXPECT_EQ(table.Find(IdOf(2)), nullptr);
  EXPECT_EQ(table.Find({.client_id = 4, .sequence = 1}), nullptr);
}

TEST(RequestTableTest, ForgetsTheOldestAtTheBound) {
  RequestTable table(3);
  for (uint64_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(table.oldest_if_full(), nullptr);
    table.Record(IdOf(i), OutcomeOf(i));
  }
  ASSERT_NE(table.oldest_if_full(), nullptr);
  EXPECT_EQ(table.oldest_if_full()->id, IdOf(1));
  table.Record(IdOf(4), OutcomeOf(4));
  EXPECT_EQ(table.Find(IdOf(1)), nullptr);
  EXPECT_NE(table.Find(IdOf(2)), nullptr);
  EXPECT_EQ(table.Find(IdOf(4))->position, 3u);
  EXPECT_EQ(table.size(), 3u);
}

TEST(RequestTableTest, AForgottenRequestMayBeRecordedAgain) {
  RequestTable table(1);
  table.Record(IdOf(1), OutcomeOf(1));
  table.Record(IdOf(2), OutcomeOf(2));
  table.Record(IdOf(1), OutcomeOf(3));
  EXPECT_EQ(table.Find(IdOf(1))->outcome, OutcomeOf(3));
}

TEST(RequestTableTest, VisitsTheOldestFirst) {
  RequestTable table(3);
  for (uint64_t i = 1; i <= 5; ++i) table.Record(IdOf(i), OutcomeOf(i));
  std::vector<uint64_t> positions;
  table.ForEach([&](const RecordedRequest& request) { positions.push_back(request.position); });
  EXPECT_EQ(positions, (std::vector<uint64_t>{2, 3, 4}));
}

TEST(RequestTableTest, AgreesWithAQueueOnRandomRequests) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const size_t bound = 1 + random() % 50;
    RequestTable table(bound);
    std::deque<uint64_t> queue;
    for (int step = 0; step < 2000; ++step) {
      const uint64_t sequence = 1 + random() % 100;
      const bool known = std::find(queue.begin(), queue.end(), sequence) != queue.end();
      ASSERT_EQ(table.Find(IdOf(sequence)) != nullptr, known);
      if (known) continue;
      table.Record(IdOf(sequence), OutcomeOf(sequence));
      queue.push_back(sequence);
      if (queue.size() > bound) queue.pop_front();
      ASSERT_EQ(table.size(), queue.size());
    }
  }
}

TEST(RequestTableDeathTest, RecordingTwiceStopsTheProcess) {
  RequestTable table(2);
  table.Record(IdOf(1), OutcomeOf(1));
  EXPECT_DEATH(table.Record(IdOf(1), OutcomeOf(1)), "request 3/1 is recorded");
}

}  // namespace
}  // namespace blixard::scheduler
