// What is known of each switch of raft/core/mutation.h: which tests must notice it.
#ifndef BLIXARD_TESTS_MUTATION_MUTATION_TABLE_H_
#define BLIXARD_TESTS_MUTATION_MUTATION_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "raft/core/mutation.h"

namespace blixard::raft {

// Where the switch is. Random groups run the core only, the simulator all but the transport.
enum class MutatedPart { kCore, kStorage, kRuntime, kTransport };

struct MutationRow {
  Mutation mutation = Mutation::kNone;
  absl::string_view name;  // of the enumerator
  MutatedPart part = MutatedPart::kCore;
  absl::string_view bug = {};  // as the enumerator's comment says it
  // "Suite.Case" each, a space between. Every one must fail with the bug.
  absl::string_view tests = {};
  bool hangs = false;  // some of these tests do not end with the bug, which counts as failing
};

// In the order of the enumerators, one for each.
absl::Span<const MutationRow> MutationTable();

// The row of the list of known bugs: S1 of kS1CommitsPriorTerm.
std::string ScenarioOf(const MutationRow& row);
absl::string_view PartName(MutatedPart part);
std::vector<std::string> TestsOf(const MutationRow& row);

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_MUTATION_MUTATION_TABLE_H_
