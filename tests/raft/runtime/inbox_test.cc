#include "raft/runtime/inbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "raft/runtime/replica.h"

namespace blixard::raft {
namespace {

using Clock = std::chrono::steady_clock;

// Far enough that a test which waits for it has failed.
Clock::time_point Never() { return Clock::now() + std::chrono::hours(1); }

memory::Pooled<RaftProposal> Proposal(const char* request) {
  memory::Pooled<RaftProposal> proposal = AcquireRaftProposal();
  proposal->request = request;
  return proposal;
}

TEST(InboxTest, FullQueueLeavesTheProposalAlone) {
  Inbox inbox({.proposals = 2, .reads = 2, .messages = 2, .requests = 2});
  memory::Pooled<RaftProposal> first = Proposal("1");
  memory::Pooled<RaftProposal> second = Proposal("2");
  memory::Pooled<RaftProposal> third = Proposal("3");
  EXPECT_EQ(inbox.PushProposal(first), Inbox::Push::kTaken);
  EXPECT_EQ(inbox.PushProposal(second), Inbox::Push::kTaken);
  EXPECT_EQ(inbox.PushProposal(third), Inbox::Push::kFull);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->request, "3");

  Inbox::Batch batch;
  inbox.Take(Never(), {}, batch);
  ASSERT_EQ(batch.proposals.size(), 2u);
  EXPECT_EQ(batch.proposals[0]->request, "1");
  EXPECT_EQ(batch.proposals[1]->request, "2");
  EXPECT_EQ(inbox.PushProposal(third), Inbox::Push::kTaken);
}

TEST(InboxTest, ProposalsWaitUntilTheyAreWanted) {
  Inbox inbox({.proposals = 2, .reads = 2, .messages = 2, .requests = 2});
  memory::Pooled<RaftProposal> proposal = Proposal("1");
  inbox.PushProposal(proposal);
  Inbox::Batch batch;
  inbox.Take(Clock::now() + std::chrono::milliseconds(5), {.proposals = false, .reads = false},
             batch);
  EXPECT_TRUE(batch.proposals.empty());
  inbox.Take(Never(), {}, batch);
  EXPECT_EQ(batch.proposals.size(), 1u);
}

TEST(InboxTest, FullReadsAndRequestsAreLeftAlone) {
  Inbox inbox({.proposals = 1, .reads = 1, .messages = 1, .requests = 1});
  EXPECT_EQ(inbox.PushRead({.token = 1}), Inbox::Push::kTaken);
  EXPECT_EQ(inbox.PushRead({.token = 2}), Inbox::Push::kFull);
  ReplicaRequest request;
  EXPECT_EQ(inbox.PushRequest(request), Inbox::Push::kTaken);
  EXPECT_EQ(inbox.PushRequest(request), Inbox::Push::kFull);
  Inbox::Batch batch;
  inbox.Take(Never(), {.proposals = true, .reads = false}, batch);
  EXPECT_TRUE(batch.reads.empty()) << "reads were not wanted";
  EXPECT_EQ(batch.requests.size(), 1u);
  batch.requests.clear();
  inbox.Take(Never(), {}, batch);
  ASSERT_EQ(batch.reads.size(), 1u);
  EXPECT_EQ(batch.reads[0].token, 1u);
}

TEST(InboxTest, CompletionsKeepTheirOrder) {
  Inbox inbox({.proposals = 1, .reads = 1, .messages = 1, .requests = 1});
  for (size_t promises : {1, 2, 3}) {
    AppendWorks works;
    works.push_back(std::make_unique<AppendWork>());
    works.back()->promise_count = promises;
    inbox.PushAppended(works);
    EXPECT_TRUE(works.empty());
  }
  Inbox::Batch batch;
  inbox.Take(Never(), {}, batch);
  ASSERT_EQ(batch.appended.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(batch.appended[i]->promise_count, i + 1);
}

TEST(InboxTest, BusyShowsWhatCameFromOutside) {
  Inbox inbox({.proposals = 1, .reads = 1, .messages = 1, .requests = 1});
  EXPECT_FALSE(inbox.busy());
  ApplyWorks works;
  works.push_back(std::make_unique<ApplyWork>());
  inbox.PushApplied(works);
  EXPECT_FALSE(inbox.busy()) << "a completion is no load";
  inbox.PushMessage(AcquireMessage());
  EXPECT_TRUE(inbox.busy());
  Inbox::Batch batch;
  inbox.Take(Never(), {}, batch);
  EXPECT_FALSE(inbox.busy());
}

TEST(InboxTest, TooManyMessagesAreDropped) {
  Inbox inbox({.proposals = 1, .reads = 1, .messages = 1, .requests = 1});
  EXPECT_TRUE(inbox.PushMessage(AcquireMessage()));
  EXPECT_FALSE(inbox.PushMessage(AcquireMessage()));
  Inbox::Batch batch;
  inbox.Take(Never(), {.proposals = false, .reads = false}, batch);
  EXPECT_EQ(batch.messages.size(), 1u);
  batch.messages.clear();
  EXPECT_TRUE(inbox.PushMessage(AcquireMessage()));
}

TEST(InboxTest, StopTurnsProposalsAwayAndShowsInEveryBatch) {
  Inbox inbox({.proposals = 1, .reads = 1, .messages = 1, .requests = 1});
  inbox.Stop();
  memory::Pooled<RaftProposal> proposal = Proposal("1");
  EXPECT_EQ(inbox.PushProposal(proposal), Inbox::Push::kStopped);
  EXPECT_TRUE(proposal);
  for (int i = 0; i < 2; ++i) {
    Inbox::Batch batch;
    inbox.Take(Never(), {}, batch);
    EXPECT_TRUE(batch.stop);
  }
}

TEST(InboxTest, WhateverComesWakesTheTaker) {
  Inbox inbox({.proposals = 1, .reads = 1, .messages = 1, .requests = 1});
  for (int what = 0; what < 4; ++what) {
    std::thread pusher([&inbox, what] {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      memory::Pooled<RaftProposal> proposal = Proposal("1");
      if (what == 0) inbox.PushProposal(proposal);
      if (what == 1) inbox.PushMessage(AcquireMessage());
      if (what == 2) inbox.PushUnreachable(ReplicaId{2});
      if (what == 3) inbox.Wake();
    });
    Inbox::Batch batch;
    inbox.Take(Never(), {}, batch);
    EXPECT_EQ(batch.proposals.size(), what == 0 ? 1u : 0u);
    EXPECT_EQ(batch.messages.size(), what == 1 ? 1u : 0u);
    EXPECT_EQ(batch.unreachable.size(), what == 2 ? 1u : 0u);
    pusher.join();
  }
}

// A taker on a thread of its own, which waits until it is told to stop, and counts.
class WaitingTaker {
 public:
  explicit WaitingTaker(Inbox& inbox) : inbox_(inbox), thread_([this] { Run(); }) {}
  ~WaitingTaker() {
    inbox_.Stop();
    thread_.join();
  }

  size_t messages() const { return messages_.load(); }

 private:
  void Run() {
    Inbox::Batch batch;
    while (!batch.stop) {
      inbox_.Take(Never(), {}, batch);
      messages_.fetch_add(batch.messages.size());
      batch.messages.clear();
      batch.proposals.clear();
    }
  }

  Inbox& inbox_;
  std::atomic<size_t> messages_{0};
  std::thread thread_;
};

// Brings messages until the taker waits, so that the last one is taken in its place.
bool BringAndTake(Inbox& inbox, Inbox::Batch& batch) {
  for (int i = 0; i < 120000; ++i) {
    inbox.PushMessageQuietly(AcquireMessage());
    if (inbox.TryTake(batch)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

TEST(InboxTest, AnotherThreadTakesInTheWaitingTakersPlace) {
  Inbox inbox({.proposals = 8, .reads = 8, .messages = 8, .requests = 8});
  WaitingTaker taker(inbox);
  Inbox::Batch batch;
  ASSERT_TRUE(BringAndTake(inbox, batch));
  const size_t taken_before = taker.messages();
  EXPECT_GE(batch.messages.size(), 1u);
  batch.messages.clear();
  inbox.PushMessage(AcquireMessage());
  Inbox::Batch second;
  EXPECT_FALSE(inbox.TryTake(second)) << "one at a time";
  EXPECT_TRUE(inbox.TakeMore({}, /*stay=*/true, batch));
  EXPECT_EQ(batch.messages.size(), 1u);
  batch.messages.clear();
  EXPECT_FALSE(inbox.TakeMore({}, /*stay=*/true, batch)) << "nothing is left";
  EXPECT_EQ(taker.messages(), taken_before) << "it was not woken";
}

TEST(InboxTest, WhatIsLeftAtTheEndOfALentTurnWakesTheTaker) {
  Inbox inbox({.proposals = 8, .reads = 8, .messages = 8, .requests = 8});
  WaitingTaker taker(inbox);
  Inbox::Batch batch;
  ASSERT_TRUE(BringAndTake(inbox, batch));
  const size_t taken_before = taker.messages();
  inbox.PushMessage(AcquireMessage());
  EXPECT_FALSE(inbox.TakeMore({}, /*stay=*/false, batch));
  for (int i = 0; i < 120000 && taker.messages() == taken_before; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(taker.messages(), taken_before + 1);
}

TEST(InboxTest, ManyAreLeftToTheTakersOwnThread) {
  Inbox inbox({.proposals = 8, .reads = 8, .messages = 8, .requests = 8});
  WaitingTaker taker(inbox);
  for (size_t i = 0; i <= Inbox::kFewToLend; ++i) inbox.PushMessageQuietly(AcquireMessage());
  Inbox::Batch batch;
  for (int i = 0; i < 120000 && taker.messages() == 0; ++i) {
    EXPECT_FALSE(inbox.TryTake(batch));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(taker.messages(), Inbox::kFewToLend + 1);
}

TEST(InboxTest, NobodyTakesInThePlaceOfOneWhoIsAtWork) {
  Inbox inbox({.proposals = 8, .reads = 8, .messages = 8, .requests = 8});
  inbox.PushMessageQuietly(AcquireMessage());
  Inbox::Batch batch;
  EXPECT_FALSE(inbox.TryTake(batch)) << "nobody waits in Take";
  inbox.Take(Never(), {}, batch);
  EXPECT_EQ(batch.messages.size(), 1u) << "and it finds what came meanwhile";
}

TEST(InboxTest, DeadlineWaitsForTheLentTurnToEnd) {
  Inbox inbox({.proposals = 8, .reads = 8, .messages = 8, .requests = 8});
  const Clock::time_point deadline = Clock::now() + std::chrono::seconds(2);
  std::atomic<bool> taken{false};
  std::thread taker([&] {
    Inbox::Batch batch;
    for (; Clock::now() < deadline; batch.messages.clear()) inbox.Take(deadline, {}, batch);
    taken = true;
  });
  Inbox::Batch batch;
  EXPECT_TRUE(BringAndTake(inbox, batch));
  std::this_thread::sleep_until(deadline + std::chrono::milliseconds(100));
  EXPECT_FALSE(taken) << "two would be at work";
  EXPECT_FALSE(inbox.TakeMore({}, /*stay=*/true, batch));
  taker.join();
  EXPECT_TRUE(taken);
}

}  // namespace
}  // namespace blixard::raft
