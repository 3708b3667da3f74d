// The table of who notices which bug, for a terminal, for programs and for docs/raft_mutations.md.
#ifndef BLIXARD_TESTS_MUTATION_MUTATION_REPORT_H_
#define BLIXARD_TESTS_MUTATION_MUTATION_REPORT_H_

#include <cstdint>
#include <string>

#include "tests/mutation/mutation_search.h"
#include "tests/mutation/mutation_table.h"

namespace blixard::raft {

enum class ReportFormat { kText, kJson, kMarkdown };

// Lines without the last line's end, row by row, so that a long run shows what it has so far.
class MutationReport {
 public:
  MutationReport(ReportFormat format, uint64_t seeds) : format_(format), seeds_(seeds) {}

  std::string Head() const;
  std::string Row(const MutationRow& row, const SearchResult& result);
  // Misses by name, and the sum.
  std::string Tail() const;

  size_t missed() const { return missed_.size(); }

 private:
  std::string TextRow(const MutationRow& row, const SearchResult& result) const;
  std::string JsonRow(const MutationRow& row, const SearchResult& result) const;
  std::string MarkdownRow(const MutationRow& row, const SearchResult& result) const;

  const ReportFormat format_;
  const uint64_t seeds_;
  size_t rows_ = 0;
  size_t by_tests_ = 0;
  size_t by_groups_ = 0;
  size_t by_simulator_ = 0;
  std::vector<std::string> missed_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_MUTATION_MUTATION_REPORT_H_
