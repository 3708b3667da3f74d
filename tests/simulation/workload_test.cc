#include "tests/simulation/workload.h"

#include <gtest/gtest.h>

namespace blixard::raft {
namespace {

using Kind = Workload::Action::Kind;

class WorkloadTest : public testing::Test {
 protected:
  // An operation that writes, or that reads; others are answered on the way.
  Workload::Action BeginOne(bool writes) {
    while (true) {
      Workload::Action action = workload_.Begin(0, now_);
      const bool is_write = action.request.command.kind != OperationKind::kRead;
      if (is_write == writes) return action;
      while (action.kind == Kind::kSend) action = workload_.OnAnswer(Refusal(action), now_);
    }
  }

  static ClientAnswer AnswerTo(const Workload::Action& action, ClientAnswer::Kind kind) {
    return {.kind = kind, .client = 0, .attempt = action.request.attempt};
  }
  static ClientAnswer Refusal(const Workload::Action& action) {
    return AnswerTo(action, ClientAnswer::Kind::kRefused);
  }

  // A write in a session.
  Workload::Action BeginWriteInSession() {
    const Workload::Action registers = BeginOne(/*writes=*/true);
    EXPECT_TRUE(registers.request.registers);
    ClientAnswer registered = AnswerTo(registers, ClientAnswer::Kind::kDone);
    registered.session = ClientId{5};
    return workload_.OnAnswer(registered, now_);
  }

  VirtualTime now_ = kSecond;
  SafetyChecks checks_{3};
  Coverage coverage_;
  Workload workload_{1, 3, checks_, coverage_};
};

TEST_F(WorkloadTest, AClientDoesOneThingAtATime) {
  const Workload::Action first = workload_.Begin(0, now_);
  EXPECT_EQ(first.kind, Kind::kSend);
  EXPECT_EQ(workload_.Begin(0, now_).kind, Kind::kNothing);
  EXPECT_EQ(workload_.Begin(1, now_).kind, Kind::kSend);
  EXPECT_FALSE(workload_.idle());
}

TEST_F(WorkloadTest, TheFirstWriteAsksForASessionAndThenKeepsItsNumber) {
  const Workload::Action write = BeginWriteInSession();
  EXPECT_FALSE(write.request.registers);
  EXPECT_EQ(write.request.id.client, ClientId{5});
  EXPECT_EQ(write.request.id.sequence, RequestSequence{1});
  const Workload::Action again = workload_.OnTimeout(0, write.request.attempt, now_);
  EXPECT_EQ(again.kind, Kind::kSend);
  EXPECT_EQ(again.request.id, write.request.id);
  EXPECT_NE(again.request.attempt, write.request.attempt);
}

TEST_F(WorkloadTest, WhatBelongsToAnEarlierTryChangesNothing) {
  const Workload::Action write = BeginWriteInSession();
  workload_.OnTimeout(0, write.request.attempt, now_);
  EXPECT_EQ(workload_.OnAnswer(AnswerTo(write, ClientAnswer::Kind::kDone), now_).kind,
            Kind::kNothing);
  EXPECT_EQ(workload_.OnTimeout(0, write.request.attempt, now_).kind, Kind::kNothing);
}

TEST_F(WorkloadTest, PatienceEndsUnknownWhereSomeTryMayHaveEnteredTheLog) {
  Workload::Action action = BeginWriteInSession();
  while (action.kind == Kind::kSend) {
    action = workload_.OnTimeout(0, action.request.attempt, now_);
  }
  const Operation ended = workload_.TakeHistory().back();
  EXPECT_EQ(ended.status, OperationStatus::kUnknown);
  EXPECT_FALSE(ended.return_ns.has_value());
}

TEST_F(WorkloadTest, PatienceEndsAsFailedWhereEveryTryWasRefused) {
  Workload::Action action = BeginWriteInSession();
  while (action.kind == Kind::kSend) action = workload_.OnAnswer(Refusal(action), now_);
  EXPECT_EQ(workload_.TakeHistory().back().status, OperationStatus::kFail);
}

TEST_F(WorkloadTest, PatienceEndsUnknownWhereACopyOfARefusedTryMayComeLater) {
  Workload::Action action = BeginWriteInSession();
  workload_.OnDoubled(0);
  while (action.kind == Kind::kSend) action = workload_.OnAnswer(Refusal(action), now_);
  EXPECT_EQ(workload_.TakeHistory().back().status, OperationStatus::kUnknown);
}

TEST_F(WorkloadTest, TheSecondAnswerToATryChangesNothing) {
  const Workload::Action read = BeginOne(/*writes=*/false);
  ClientAnswer found = AnswerTo(read, ClientAnswer::Kind::kDone);
  found.read = true;
  EXPECT_EQ(workload_.OnAnswer(found, now_).kind, Kind::kBegin);
  EXPECT_EQ(workload_.OnAnswer(found, now_).kind, Kind::kNothing);
  workload_.Begin(0, now_);
  EXPECT_EQ(workload_.OnAnswer(found, now_).kind, Kind::kNothing);
}

TEST_F(WorkloadTest, AnAcknowledgedWriteThatWasNeverCarriedOutIsAViolation) {
  const Workload::Action write = BeginWriteInSession();
  EXPECT_EQ(checks_.violation(), "");
  workload_.OnAnswer(AnswerTo(write, ClientAnswer::Kind::kDone), now_);
  EXPECT_NE(checks_.violation().find("never carried out"), std::string::npos);
}

TEST_F(WorkloadTest, AReadGoesDownWithWhatItFound) {
  const Workload::Action read = BeginOne(/*writes=*/false);
  ClientAnswer found = AnswerTo(read, ClientAnswer::Kind::kDone);
  found.read = true;
  found.found = 12;
  EXPECT_EQ(workload_.OnAnswer(found, now_ + 1).kind, Kind::kBegin);
  const Operation ended = workload_.TakeHistory().back();
  EXPECT_EQ(ended.status, OperationStatus::kOk);
  EXPECT_EQ(ended.result, RegisterValue("12"));
  EXPECT_EQ(ended.return_ns, now_ + 1);
}

TEST_F(WorkloadTest, FinishedItBeginsNothingMore) {
  const Workload::Action read = BeginOne(/*writes=*/false);
  workload_.Finish();
  EXPECT_EQ(workload_.Begin(1, now_).kind, Kind::kNothing);
  EXPECT_FALSE(workload_.idle());
  workload_.OnAnswer(AnswerTo(read, ClientAnswer::Kind::kDone), now_);
  EXPECT_TRUE(workload_.idle());
}

}  // namespace
}  // namespace blixard::raft
