#include "tests/simulation/request_desk.h"

#include <gtest/gtest.h>

#include <vector>

namespace blixard::raft {
namespace {

class RequestDeskTest : public testing::Test, public AnswerTaker {
 protected:
  RequestDeskTest() { desk_.Open(state_); }

  void Answer(ReplicaId replica, const ClientAnswer& answer) override {
    EXPECT_EQ(replica, ReplicaId{3});
    answers_.push_back(answer);
  }

  memory::Pooled<RaftProposal> Write(uint32_t attempt) {
    return desk_.TakeProposal(
        {.client = 2,
         .attempt = attempt,
         .id = {.client = ClientId{7}, .sequence = RequestSequence{1}},
         .command = {.kind = OperationKind::kWrite, .client = 2, .sequence = 1, .value = 5}});
  }

  ReadRequest Read(uint32_t attempt) {
    return desk_.TakeRead(
        {.client = 2, .attempt = attempt, .command = {.kind = OperationKind::kRead, .key = 1}});
  }

  KvStateMachine state_;
  std::vector<ClientAnswer> answers_;
  RequestDesk desk_{ReplicaId{3}, *this};
};

TEST_F(RequestDeskTest, ACommittedProposalIsAnsweredWithItsOutcome) {
  memory::Pooled<RaftProposal> proposal = Write(9);
  std::string outcome;
  EncodeKvOutcome(4, outcome);
  EncodeSessionOutcome({.status = SessionStatus::kRepeated, .outcome = outcome}, proposal->outcome);
  EXPECT_EQ(desk_.open(), 1u);
  EndProposal(*proposal, ProposalEnd::kCommitted);
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(answers_[0].kind, ClientAnswer::Kind::kDone);
  EXPECT_TRUE(answers_[0].repeated);
  EXPECT_EQ(answers_[0].attempt, 9u);
  EXPECT_EQ(answers_[0].found, 4u);
  EXPECT_EQ(desk_.open(), 0u);
}

TEST_F(RequestDeskTest, RefusedUnknownAndUnknownSessionAreToldApart) {
  EndProposal(*Write(1), ProposalEnd::kRefused);
  EndProposal(*Write(2), ProposalEnd::kUnknown);
  memory::Pooled<RaftProposal> evicted = Write(3);
  EncodeSessionOutcome({.status = SessionStatus::kUnknownSession}, evicted->outcome);
  EndProposal(*evicted, ProposalEnd::kCommitted);
  ASSERT_EQ(answers_.size(), 3u);
  EXPECT_EQ(answers_[0].kind, ClientAnswer::Kind::kRefused);
  EXPECT_EQ(answers_[1].kind, ClientAnswer::Kind::kUnknown);
  EXPECT_EQ(answers_[2].kind, ClientAnswer::Kind::kNoSession);
}

TEST_F(RequestDeskTest, AReadIsAnsweredFromTheStateOrRefused) {
  const ReadRequest ready = Read(1);
  const ReadRequest refused = Read(2);
  ready.listener->OnReadEnd(ready.token, ReadEnd::kReady, LogIndex{1});
  refused.listener->OnReadEnd(refused.token, ReadEnd::kRefused, LogIndex{0});
  ASSERT_EQ(answers_.size(), 2u);
  EXPECT_EQ(answers_[0].kind, ClientAnswer::Kind::kDone);
  EXPECT_TRUE(answers_[0].read);
  EXPECT_EQ(answers_[0].found, 0u);
  EXPECT_EQ(answers_[1].kind, ClientAnswer::Kind::kRefused);
}

TEST_F(RequestDeskTest, AReadThatEndsTwiceIsABug) {
  const ReadRequest read = Read(1);
  read.listener->OnReadEnd(read.token, ReadEnd::kReady, LogIndex{1});
  EXPECT_DEATH(read.listener->OnReadEnd(read.token, ReadEnd::kReady, LogIndex{1}), "ends twice");
}

TEST_F(RequestDeskTest, AfterTheProcessEndedNobodyIsAnsweredButEverythingStillEnds) {
  memory::Pooled<RaftProposal> proposal = Write(1);
  const ReadRequest read = Read(2);
  desk_.Close();
  EXPECT_EQ(desk_.open(), 2u);
  EndProposal(*proposal, ProposalEnd::kUnknown);
  read.listener->OnReadEnd(read.token, ReadEnd::kRefused, LogIndex{0});
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(desk_.open(), 0u);
}

}  // namespace
}  // namespace blixard::raft
