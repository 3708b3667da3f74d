#include "raft/runtime/work_lane.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace blixard::raft {
namespace {

using Lane = WorkLane<int>;

// What a lane ran, and on which threads.
class Journal {
 public:
  void Run(std::vector<int>& works) {
    std::unique_lock lock(mutex_);
    for (int work : works) {
      ran_.push_back(work);
      threads_.push_back(std::this_thread::get_id());
    }
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
  }
  void HandBack(std::vector<int>& works) {
    std::lock_guard lock(mutex_);
    handed_back_ += works.size();
    works.clear();
    changed_.notify_all();
  }
  void Hold(bool held) {
    std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  std::vector<int> Await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ran_.size() >= count; });
    return ran_;
  }
  void AwaitHandedBack(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return handed_back_ >= count; });
  }
  std::vector<std::thread::id> threads() {
    std::lock_guard lock(mutex_);
    return threads_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  std::vector<int> ran_;
  std::vector<std::thread::id> threads_;
  size_t handed_back_ = 0;
};

class WorkLaneTest : public ::testing::Test {
 protected:
  bool TryRunHere(std::vector<int>& works) {
    return lane_.TryRunHere(works, [this](std::vector<int>& these) {
      journal_.Run(these);
      return true;
    });
  }

  Journal journal_;
  Lane lane_{[this](std::vector<int>& works) { journal_.Run(works); },
             [this](std::vector<int>& works) { journal_.HandBack(works); }};
};

TEST_F(WorkLaneTest, IdleLaneLetsTheSubmitterWork) {
  std::vector<int> works = {1, 2};
  ASSERT_TRUE(TryRunHere(works));
  EXPECT_EQ(works, (std::vector<int>{1, 2})) << "they are the caller's to take back";
  EXPECT_EQ(journal_.threads()[0], std::this_thread::get_id());
}

TEST_F(WorkLaneTest, WhatCannotBeDoneHereMayBeSubmitted) {
  std::vector<int> works = {1};
  ASSERT_FALSE(lane_.TryRunHere(works, [](std::vector<int>&) { return false; }));
  lane_.Submit(works);
  EXPECT_EQ(journal_.Await(1), std::vector<int>{1});
}

TEST_F(WorkLaneTest, SubmittedWorkRunsElsewhereInOrder) {
  for (int i = 0; i < 100; ++i) {
    std::vector<int> works = {2 * i, 2 * i + 1};
    lane_.Submit(works);
    EXPECT_TRUE(works.empty());
  }
  const std::vector<int> ran = journal_.Await(200);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(ran[i], i);
  EXPECT_NE(journal_.threads()[0], std::this_thread::get_id());
}

TEST_F(WorkLaneTest, NothingOvertakesWhatIsUnderWay) {
  journal_.Hold(true);
  std::vector<int> works = {1};
  lane_.Submit(works);
  journal_.Await(1);
  works = {2};
  EXPECT_FALSE(TryRunHere(works));
  EXPECT_EQ(works, std::vector<int>{2});
  journal_.Hold(false);
  journal_.AwaitHandedBack(1);
  while (!TryRunHere(works)) std::this_thread::yield();
}

TEST_F(WorkLaneTest, StopCarriesOutWhatWasSubmitted) {
  journal_.Hold(true);
  std::vector<int> works = {1};
  lane_.Submit(works);
  journal_.Await(1);
  works = {2, 3};
  lane_.Submit(works);
  journal_.Hold(false);
  lane_.Stop();
  EXPECT_EQ(journal_.Await(3), (std::vector<int>{1, 2, 3}));
}

}  // namespace
}  // namespace blixard::raft
