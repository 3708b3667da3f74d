#include "scheduler/replicated/outcome.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace blixard::scheduler {
namespace {

std::string Encode(const Outcome& outcome) {
  const auto bytes = EncodeOutcome(outcome);
  return std::string(bytes.data(), bytes.size());
}

const Outcome kFull = {.code = OutcomeCode::kNoFit,
                       .node_id = NodeId{0x01020304},
                       .vm_id = VmId{0x05060708090a0b0c},
                       .no_fit = {.nodes = 6, .lack_vcpu = 1, .lack_memory = 2, .lack_disk = 3}};

TEST(OutcomeTest, EveryCodeComesBackAsItWasWritten) {
  for (int code = 1; code <= static_cast<int>(OutcomeCode::kLimitReached); ++code) {
    Outcome outcome = kFull;
    outcome.code = static_cast<OutcomeCode>(code);
    EXPECT_EQ(DecodeOutcome(Encode(outcome)).value(), outcome);
    EXPECT_NE(OutcomeCodeName(outcome.code), "unknown");
  }
}

TEST(OutcomeTest, FitsWhereSmallAnswersGo) { EXPECT_LE(kOutcomeBytes, 64u); }

TEST(OutcomeTest, EveryOtherLengthIsRefused) {
  const std::string good = Encode(kFull);
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeOutcome(good.substr(0, size)).ok()) << size << " bytes";
  }
  EXPECT_EQ(DecodeOutcome(good + "x").status().message(), "outcome: want 29 bytes, got 30");
}

TEST(OutcomeTest, AnUnknownCodeIsRefused) {
  std::string bad = Encode(kFull);
  for (const char code : {'\0', '\x09', '\xff'}) {
    bad[0] = code;
    EXPECT_FALSE(DecodeOutcome(bad).ok());
    EXPECT_EQ(OutcomeCodeName(static_cast<OutcomeCode>(code)), "unknown");
  }
}

TEST(OutcomeTest, PrintsForPeople) {
  std::ostringstream out;
  out << Outcome{.code = OutcomeCode::kOk, .node_id = NodeId{3}, .vm_id = VmId{4}};
  EXPECT_EQ(out.str(), "{ok, node 3, VM 4, no fit on 0: vCPU 0, memory 0, disk 0}");
}

}  // namespace
}  // namespace blixard::scheduler
