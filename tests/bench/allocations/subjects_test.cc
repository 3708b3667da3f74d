// The figures of the before/after table that are promised exactly.
#include "bench/allocations/subjects.h"

#include <gtest/gtest.h>

namespace blixard::bench {
namespace {

TEST(SubjectsTest, ProposalsAreCreatedWithoutAllocating) {
  EXPECT_EQ(CountPooledProposals(), 0u);
  EXPECT_GE(CountNaiveProposals(), kProposals);
}

TEST(SubjectsTest, SchedulingAllocatesNothingBeyondTheStoredState) {
  EXPECT_EQ(CountPooledScheduling(), 0u);
  EXPECT_GE(CountNaiveScheduling(), kVms);
  // Tables that double, not an allocation or more for each VM.
  EXPECT_LE(CountStoredState(), kVms / 4);
}

TEST(SubjectsTest, BatchesTravelWithoutAllocating) {
  EXPECT_EQ(CountPooledSerialization(), 0u);
  EXPECT_GE(CountNaiveSerialization(), kBatchEntries);
}

}  // namespace
}  // namespace blixard::bench
