// Prints how often three pieces of work go to the heap: written naively, with our own code, and
// what the guide that this project started from claimed for the two.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/allocations/subjects.h"
#include "bench/result.h"
#include "memory_optimization/allocation_tracker.h"

namespace blixard::bench {
namespace {

struct Comparison {
  std::string subject;
  uint64_t naive;
  uint64_t ours;
  double claimed_before;
  double claimed_after;
};

std::vector<Comparison> Count() {
  return {{.subject = fmt::format("proposal creation, {} proposals", kProposals),
           .naive = CountNaiveProposals(),
           .ours = CountPooledProposals(),
           .claimed_before = 1'200,
           .claimed_after = 350},
          {.subject = fmt::format("scheduling of {} VMs, beyond the stored state", kVms),
           .naive = CountNaiveScheduling(),
           .ours = CountPooledScheduling(),
           .claimed_before = 3'500,
           .claimed_after = 800},
          {.subject = fmt::format("serialization of a batch of {} entries", kBatchEntries),
           .naive = CountNaiveSerialization(),
           .ours = CountPooledSerialization(),
           .claimed_before = 500,
           .claimed_after = 120}};
}

Result RowOf(const std::string& subject, uint64_t ours) {
  return {.group = "allocations",
          .subject = subject,
          .value = static_cast<double>(ours),
          .unit = "allocations"};
}

// Nothing is a number of times better than 0: no ratios.
std::vector<Result> Rows() {
  std::vector<Result> rows;
  for (const Comparison& comparison : Count()) {
    Result row = RowOf(comparison.subject, comparison.ours);
    row.peer = "naive, counted";
    row.peer_value = static_cast<double>(comparison.naive);
    row.target = "<= 0 allocations";
    row.reached = comparison.ours == 0;
    rows.push_back(row);
    row.target.clear();
    row.reached.reset();
    row.peer = "guide's claim, before";
    row.peer_value = comparison.claimed_before;
    rows.push_back(row);
    row.peer = "guide's claim, after";
    row.peer_value = comparison.claimed_after;
    rows.push_back(row);
  }
  rows.push_back(
      RowOf(fmt::format("stored state of {} VMs, tables growing", kVms), CountStoredState()));
  return rows;
}

int Run(const std::string& output) {
  if (!memory::AllocationTracker::Counting()) {
    fmt::print(stderr, "the allocation hook is not linked or off: nothing is counted\n");
    return 1;
  }
  const std::vector<Result> rows = Rows();
  output == "json" ? PrintJson(rows, stdout) : PrintText(rows, stdout);
  return 0;
}

}  // namespace
}  // namespace blixard::bench

int main(int argc, char** argv) {
  std::string output = "text";
  CLI::App app(
      "Counts the allocations of three pieces of work, written naively and with our code.");
  app.footer(
      "Example: before_after --output=json\n"
      "Exit codes: 0 counted, targets reached or not; 1 nothing is counted; 2 wrong usage.");
  app.add_option("--output", output, "text or json")->check(CLI::IsMember({"text", "json"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return blixard::bench::Run(output);
}
