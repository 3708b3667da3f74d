// A CSV text as a file that the readers under test can open.
#ifndef BLIXARD_TESTS_SCHEDULER_TRACES_CSV_FILE_H_
#define BLIXARD_TESTS_SCHEDULER_TRACES_CSV_FILE_H_

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace blixard::scheduler::traces {

// Writes `text` below the test's folder, replacing what the test wrote before; returns the path.
inline std::string CsvFile(absl::string_view text) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string path =
      absl::StrCat(testing::TempDir(), "/", test->test_suite_name(), "_", test->name(), ".csv");
  FILE* file = std::fopen(path.c_str(), "wb");
  EXPECT_NE(file, nullptr) << path;
  EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
  EXPECT_EQ(std::fclose(file), 0);
  return path;
}

}  // namespace blixard::scheduler::traces

#endif  // BLIXARD_TESTS_SCHEDULER_TRACES_CSV_FILE_H_
