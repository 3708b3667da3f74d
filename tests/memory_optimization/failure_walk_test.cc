// The harness must let what is safe pass and catch each way of not being safe.
#include "tests/memory_optimization/failure_walk.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace blixard::memory {
namespace {

struct Names {
  std::vector<std::unique_ptr<std::string>> all;
  size_t promised = 0;
};

std::unique_ptr<std::string> LongName() { return std::make_unique<std::string>(100, 'x'); }

void BooksBalance(Names& names) { EXPECT_EQ(names.all.size(), names.promised); }

TEST(FailureWalkTest, WalksOverEveryAllocationOfASafeOperation) {
  const FailureWalkResult result =
      WalkFailures(FailureWalk<Names>{.operation =
                                          [](Names& names) {
                                            std::unique_ptr<std::string> name = LongName();
                                            names.all.push_back(std::move(name));
                                            ++names.promised;
                                          },
                                      .check = BooksBalance});
  EXPECT_TRUE(result.safe()) << result.problem;
  EXPECT_EQ(result.failures, 3u);  // the string, its characters, the vector
}

TEST(FailureWalkTest, AnOperationWithoutAllocationsMeetsNoFailure) {
  const FailureWalkResult result =
      WalkFailures(FailureWalk<Names>{.operation = [](Names& names) { return &names; }});
  EXPECT_TRUE(result.safe()) << result.problem;
  EXPECT_EQ(result.failures, 0u);
}

TEST(FailureWalkTest, AFailureMayComeAsAResult) {
  const auto nothrow = [] { return std::unique_ptr<int>(new (std::nothrow) int(1)); };
  EXPECT_FAILURE_SAFE(
      (FailureWalk<Names>{.operation = [=](Names&) { return nothrow() != nullptr; }}));
  EXPECT_FAILURE_SAFE((FailureWalk<Names>{.operation = [=](Names&) { return nothrow(); }}));
  EXPECT_FAILURE_SAFE((FailureWalk<Names>{.operation = [=](Names&) {
    return nothrow() ? absl::OkStatus() : absl::Status(absl::StatusCode::kResourceExhausted, "");
  }}));
  EXPECT_FAILURE_SAFE((FailureWalk<Names>{.operation = [=](Names&) -> absl::StatusOr<int> {
    if (nothrow() == nullptr) return absl::Status(absl::StatusCode::kResourceExhausted, "");
    return 1;
  }}));
}

TEST(FailureWalkTest, CatchesALeakOnTheWayOut) {
  const FailureWalkResult result = WalkFailures(FailureWalk<Names>{.operation = [](Names& names) {
    std::string* const name = new std::string(LongName()->c_str());
    names.all.reserve(names.all.size() + 1);  // throws: nobody owns `name` yet
    names.all.emplace_back(name);
  }});
  EXPECT_NE(result.problem.find("blocks more are live than before"), std::string::npos)
      << result.problem;
}

TEST(FailureWalkTest, CatchesALeakWithoutAnyFailure) {
  const FailureWalkResult result =
      WalkFailures(FailureWalk<Names>{.operation = [](Names&) { LongName().release(); }});
  EXPECT_NE(result.problem.find("2 blocks more are live than before"), std::string::npos)
      << result.problem;
}

TEST(FailureWalkTest, CatchesAnOperationThatStaysHalfDone) {
  testing::TestPartResultArray failures;
  {
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    WalkFailures(FailureWalk<Names>{.operation =
                                        [](Names& names) {
                                          ++names.promised;
                                          names.all.push_back(LongName());
                                        },
                                    .check = BooksBalance});
  }
  ASSERT_GT(failures.size(), 0);
  EXPECT_NE(std::string(failures.GetTestPartResult(0).message()).find("names.promised"),
            std::string::npos);
}

TEST(FailureWalkTest, CatchesAnOperationThatCannotBeRepeated) {
  const FailureWalkResult result = WalkFailures(FailureWalk<Names>{.operation = [](Names& names) {
    if (names.promised++ > 0) return false;
    names.all.push_back(LongName());
    return true;
  }});
  EXPECT_NE(result.problem.find("failed again when repeated"), std::string::npos) << result.problem;
}

TEST(FailureWalkTest, CatchesAnotherException) {
  const FailureWalkResult result = WalkFailures(FailureWalk<Names>{.operation = [](Names& names) {
    try {
      names.all.push_back(LongName());
    } catch (const std::bad_alloc&) {
      throw std::runtime_error("translated");
    }
  }});
  EXPECT_NE(result.problem.find("something else than bad_alloc: translated"), std::string::npos)
      << result.problem;
}

TEST(FailureWalkTest, CatchesAFailureWithoutACause) {
  const FailureWalkResult result =
      WalkFailures(FailureWalk<Names>{.operation = [](Names&) { return false; }});
  EXPECT_NE(result.problem.find("failed although no allocation did"), std::string::npos);
}

TEST(FailureWalkTest, CatchesAWalkThatNeverEnds) {
  const FailureWalkResult result = WalkFailures(FailureWalk<Names>{.operation =
                                                                       [](Names&) {
                                                                         for (int i = 0; i < 9; ++i)
                                                                           LongName();
                                                                       },
                                                                   .most_allocations = 10});
  EXPECT_NE(result.problem.find("more than 10 allocations"), std::string::npos) << result.problem;
}

TEST(FailureWalkTest, WhatIsMadeOnceAndKeptIsNoLeak) {
  static std::optional<std::string> kept;
  EXPECT_FAILURE_SAFE((FailureWalk<Names>{.operation = [](Names&) {
    if (!kept.has_value()) kept.emplace(100, 'k');
  }}));
}

TEST(FailureWalkTest, CMallocFailsOnRequest) {
  const auto operation = [](Names&) {
    void* volatile memory = malloc(10);
    free(memory);
    return memory != nullptr;
  };
  EXPECT_EQ(WalkFailures(FailureWalk<Names>{.operation = operation}).failures, 0u);
  EXPECT_EQ(WalkFailures(FailureWalk<Names>{.operation = operation, .c_malloc = true}).failures,
            1u);
}

}  // namespace
}  // namespace blixard::memory
