// The rows a benchmark program promises: which figure of which benchmark, beside which peer, and
// what it must reach. Stated next to the benchmarks themselves; `tools/bench` prints them.
#ifndef BLIXARD_BENCH_ROWS_H_
#define BLIXARD_BENCH_ROWS_H_

#include <optional>
#include <string>
#include <vector>

namespace blixard::bench {

struct Peer {
  std::string name = {};       // as people know it: "glibc new/delete"
  std::string benchmark = {};  // its figure, in the same program
  double ratio =
      0;  // theirs / ours must reach this (ours / theirs for `higher_is_better`); 0: shown only
};

struct Row {
  std::string subject = {};    // what is measured, in words a reader knows
  std::string benchmark = {};  // full name of the benchmark, "BM_PoolAcquireRelease/threads:2"
  // A user counter of the benchmark; empty: time of one iteration as one thread sees it (real time
  // times threads, so that perfect scaling reads as "the same").
  std::string counter = {};
  std::string unit = "ns";
  // The value must be at most this (at least, for `higher_is_better`); absent: shown only.
  std::optional<double> reach = {};
  bool higher_is_better = false;
  std::vector<Peer> peers = {};  // one line each; without peers one line for the row itself
};

// States rows before main:   const bool rows = blixard::bench::Promise({{.subject = ...}, ...});
bool Promise(std::vector<Row> rows);

// All that was stated, files in the order of linking.
const std::vector<Row>& PromisedRows();

}  // namespace blixard::bench

#endif  // BLIXARD_BENCH_ROWS_H_
