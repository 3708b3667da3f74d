// One measured line beside one peer, and how lines are printed: the format of `tools/bench`.
#ifndef BLIXARD_BENCH_RESULT_H_
#define BLIXARD_BENCH_RESULT_H_

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace blixard::bench {

struct Result {
  std::string group = {};
  std::string subject = {};
  double value = 0;
  std::string unit = {};
  std::string peer = {};  // empty: none
  std::optional<double> peer_value = {};
  std::optional<double> ratio = {};  // how many times better than the peer; below 1: worse
  // The spread of the ratio over the rounds that it is the median of.
  std::optional<double> lowest_ratio = {};
  std::optional<double> highest_ratio = {};
  std::string target = {};           // "<= 1.5 ns", ">= 4 times"; empty: only shown
  std::optional<bool> reached = {};  // absent without a target
};

// A line per result, columns aligned, and how many targets were reached. The spread has a column if
// any result has one.
void PrintText(const std::vector<Result>& results, std::FILE* out);
// A list with an object per line; absent values are null.
void PrintJson(const std::vector<Result>& results, std::FILE* out);

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_RESULT_H_
