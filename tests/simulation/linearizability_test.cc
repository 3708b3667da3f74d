#include "tests/simulation/linearizability.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "raft/core/split_mix.h"
#include "tests/simulation/history_file.h"

namespace blixard::raft {
namespace {

// Time is [call, return]; clients differ where intervals overlap, but the checker does not care.
struct Interval {
  int64_t call = 0;
  int64_t end = 0;
};

Operation Read(Interval at, RegisterValue result, std::string key = "k") {
  return {.kind = OperationKind::kRead,
          .key = std::move(key),
          .result = std::move(result),
          .call_ns = at.call,
          .return_ns = at.end,
          .status = OperationStatus::kOk};
}

Operation Write(Interval at, std::string value, std::string key = "k") {
  return {.kind = OperationKind::kWrite,
          .key = std::move(key),
          .value = std::move(value),
          .call_ns = at.call,
          .return_ns = at.end,
          .status = OperationStatus::kOk};
}

struct Swap {
  RegisterValue expected;
  RegisterValue value;
  RegisterValue found;
};

Operation Cas(Interval at, Swap swap) {
  return {.kind = OperationKind::kCas,
          .key = "k",
          .value = swap.value,
          .expected = swap.expected,
          .result = swap.found,
          .call_ns = at.call,
          .return_ns = at.end,
          .status = OperationStatus::kOk};
}

Operation Unknown(Operation operation) {
  operation.status = OperationStatus::kUnknown;
  operation.return_ns.reset();
  operation.result.reset();
  return operation;
}

Operation Failed(Operation operation) {
  operation.status = OperationStatus::kFail;
  operation.result.reset();
  return operation;
}

TEST(LinearizabilityTest, JudgesKnownHistories) {
  constexpr Verdict kGood = Verdict::kLinearizable;
  constexpr Verdict kBad = Verdict::kNotLinearizable;
  const RegisterValue none;
  struct Case {
    std::string name;
    History history;
    Verdict want;
  };
  for (const Case& c : std::vector<Case>{
           {"nothing", {}, kGood},
           {"absent at first", {Read({0, 1}, none)}, kGood},
           {"a value from nowhere", {Read({0, 1}, "a")}, kBad},
           {"read after write", {Write({0, 1}, "a"), Read({2, 3}, "a")}, kGood},
           {"lost write", {Write({0, 1}, "a"), Read({2, 3}, none)}, kBad},
           {"stale read", {Write({0, 1}, "a"), Write({2, 3}, "b"), Read({4, 5}, "a")}, kBad},
           {"concurrent read sees either",
            {Write({0, 9}, "a"), Read({1, 2}, none), Read({3, 4}, "a")},
            kGood},
           {"a read never goes back",
            {Write({0, 9}, "a"), Read({1, 2}, "a"), Read({3, 4}, none)},
            kBad},
           {"touching is concurrent", {Write({0, 5}, "a"), Read({5, 6}, none)}, kGood},
           {"a step later it is not", {Write({0, 5}, "a"), Read({6, 7}, none)}, kBad},
           {"two concurrent writes, one order",
            {Write({0, 9}, "a"), Write({0, 9}, "b"), Read({10, 11}, "a"), Read({12, 13}, "a")},
            kGood},
           {"two concurrent writes, two orders",
            {Write({0, 9}, "a"), Write({0, 9}, "b"), Read({10, 11}, "a"), Read({12, 13}, "b")},
            kBad},
           {"cas on what stands",
            {Write({0, 1}, "a"), Cas({2, 3}, {"a", "b", "a"}), Read({4, 5}, "b")},
            kGood},
           {"cas lost",
            {Write({0, 1}, "a"), Cas({2, 3}, {"a", "b", "a"}), Read({4, 5}, "a")},
            kBad},
           {"cas that finds another value changes nothing",
            {Write({0, 1}, "x"), Cas({2, 3}, {"a", "b", "x"}), Read({4, 5}, "x")},
            kGood},
           {"cas that did not swap but wrote",
            {Write({0, 1}, "x"), Cas({2, 3}, {"a", "b", "x"}), Read({4, 5}, "b")},
            kBad},
           {"cas from absent", {Cas({0, 1}, {none, "a", none}), Read({2, 3}, "a")}, kGood},
           {"one cas of two wins",
            {Write({0, 1}, "a"), Cas({2, 9}, {"a", "b", "a"}), Cas({2, 9}, {"a", "c", "b"})},
            kGood},
           {"cas wins twice",
            {Write({0, 1}, "a"), Cas({2, 9}, {"a", "b", "a"}), Cas({2, 9}, {"a", "c", "a"})},
            kBad},
           {"a refused write is not seen", {Failed(Write({0, 1}, "a")), Read({2, 3}, none)}, kGood},
           {"read of a write that failed", {Failed(Write({0, 1}, "a")), Read({2, 3}, "a")}, kBad},
           {"unknown write took effect", {Unknown(Write({0, 1}, "a")), Read({2, 3}, "a")}, kGood},
           {"unknown write never did", {Unknown(Write({0, 1}, "a")), Read({2, 3}, none)}, kGood},
           {"unknown write took effect late",
            {Unknown(Write({0, 1}, "a")), Write({2, 3}, "b"), Read({4, 5}, "b"), Read({6, 7}, "a")},
            kGood},
           {"unknown write took effect twice",
            {Unknown(Write({0, 1}, "a")), Write({2, 3}, "b"), Read({4, 5}, "a"), Write({6, 7}, "c"),
             Read({8, 9}, "a")},
            kBad},
           {"a write applied twice",
            {Write({0, 1}, "a"), Write({2, 3}, "b"), Read({4, 5}, "b"), Read({6, 7}, "a")},
            kBad},
           {"unknown write before its call",
            {Read({0, 1}, "a"), Unknown(Write({2, 3}, "a"))},
            kBad},
           {"unknown cas swapped",
            {Write({0, 1}, "a"), Unknown(Cas({2, 3}, {"a", "b", none})), Read({4, 5}, "b")},
            kGood},
           {"unknown cas could not",
            {Write({0, 1}, "x"), Unknown(Cas({2, 3}, {"a", "b", none})), Read({4, 5}, "b")},
            kBad},
           {"unknown cas after an unseen unknown write",
            {Unknown(Write({0, 1}, "a")), Unknown(Cas({2, 3}, {"a", "b", none})),
             Read({4, 5}, "b")},
            kGood},
           {"unknown read says nothing", {Unknown(Read({0, 1}, "z"))}, kGood},
           {"keys are apart", {Write({0, 1}, "a", "x"), Read({2, 3}, none, "y")}, kGood},
           {"one bad key is enough",
            {Write({0, 1}, "a", "x"), Read({2, 3}, "a", "x"), Read({2, 3}, "a", "y")},
            kBad},
       }) {
    SCOPED_TRACE(c.name);
    const LinearizabilityResult result = CheckLinearizability(c.history);
    EXPECT_EQ(result.verdict, c.want) << result.explanation << FormatHistory(c.history);
    EXPECT_EQ(result.explanation.empty(), c.want == kGood);
    History reversed(c.history.rbegin(), c.history.rend());
    EXPECT_EQ(CheckLinearizability(reversed).verdict, c.want) << "the order of lines means nothing";
  }
}

// Every order of every subset that holds all known operations.
bool BruteForce(const History& history) {
  std::vector<size_t> order(history.size());
  std::iota(order.begin(), order.end(), 0);
  do {
    // Unknown ones may be left out: of each order every prefix of them is tried by bit mask.
    const size_t masks = size_t{1} << history.size();
    for (size_t mask = 0; mask < masks; ++mask) {
      bool legal = true;
      RegisterValue state;
      std::vector<size_t> placed;
      for (size_t i : order) {
        const Operation& operation = history[i];
        if ((mask >> i & 1) == 0) {
          legal &= operation.status == OperationStatus::kFail ||
                   operation.status == OperationStatus::kUnknown;
          continue;
        }
        legal &= operation.status != OperationStatus::kFail;
        for (size_t earlier : placed) {  // nobody before it may have been called after its return
          legal &=
              !operation.return_ns.has_value() || history[earlier].call_ns <= *operation.return_ns;
        }
        placed.push_back(i);
        const bool known = operation.status == OperationStatus::kOk;
        if (known && operation.kind != OperationKind::kWrite) legal &= state == operation.result;
        if (operation.kind == OperationKind::kWrite ||
            (operation.kind == OperationKind::kCas && state == operation.expected)) {
          state = operation.value;
        }
        if (!legal) break;
      }
      if (legal) return true;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

RegisterValue SmallValue(SplitMix& random) {
  const uint64_t value = random.Below(3);
  if (value == 0) return std::nullopt;
  return absl::StrCat(value);
}

Operation RandomOperation(SplitMix& random) {
  Operation operation;
  operation.key = "k";
  operation.kind = static_cast<OperationKind>(random.Below(3));
  operation.call_ns = static_cast<int64_t>(random.Below(12));
  operation.return_ns = operation.call_ns + static_cast<int64_t>(random.Below(6));
  operation.status = OperationStatus::kOk;
  if (operation.kind != OperationKind::kRead) operation.value = SmallValue(random);
  if (operation.kind == OperationKind::kCas) operation.expected = SmallValue(random);
  if (operation.kind != OperationKind::kWrite) operation.result = SmallValue(random);
  const uint64_t fate = random.Below(10);
  if (fate < 2) return Unknown(operation);
  if (fate == 2) return Failed(operation);
  return operation;
}

TEST(LinearizabilityTest, AgreesWithTryingEveryOrder) {
  constexpr int kHistories = 3000;
  int good = 0;
  for (uint64_t seed = 1; seed <= kHistories; ++seed) {
    SplitMix random(seed);
    History history;
    const uint64_t operations = 2 + random.Below(4);
    for (uint64_t i = 0; i < operations; ++i) history.push_back(RandomOperation(random));
    const bool want = BruteForce(history);
    const Verdict verdict = CheckLinearizability(history).verdict;
    ASSERT_EQ(verdict, want ? Verdict::kLinearizable : Verdict::kNotLinearizable)
        << "seed " << seed << "\n"
        << FormatHistory(history);
    good += want;
  }
  EXPECT_GT(good, kHistories / 10);
  EXPECT_LT(good, kHistories * 9 / 10);
}

// A history of one real register with `clients` at once: each operation takes effect at a moment
// between call and return.
struct Recorded {
  size_t operations;
  size_t clients;
  uint64_t values;    // how many different ones are written
  uint64_t unknowns;  // of 1000 operations
  uint64_t seed;
};

History Record(const Recorded& want) {
  SplitMix random(want.seed);
  History history;
  std::vector<Operation> open(want.clients);
  std::vector<int> stage(want.clients, 0);  // 0 idle, 1 called, 2 carried out
  RegisterValue state;
  for (int64_t now = 0; history.size() < want.operations; ++now) {
    const size_t client = random.Below(want.clients);
    Operation& operation = open[client];
    if (stage[client] == 0) {
      operation = RandomOperation(random);
      operation.client = client;
      operation.status = OperationStatus::kOk;
      operation.call_ns = now;
      operation.result.reset();
      if (operation.value.has_value()) operation.value = absl::StrCat(random.Below(want.values));
      if (operation.expected.has_value()) operation.expected = state;
      stage[client] = 1;
    } else if (stage[client] == 1) {
      if (operation.kind != OperationKind::kWrite) operation.result = state;
      if (operation.kind == OperationKind::kWrite ||
          (operation.kind == OperationKind::kCas && state == operation.expected)) {
        state = operation.value;
      }
      stage[client] = 2;
    } else {
      operation.return_ns = now;
      const bool unknown = random.Below(1000) < want.unknowns;
      history.push_back(unknown ? Unknown(operation) : operation);
      stage[client] = 0;
    }
  }
  return history;
}

TEST(LinearizabilityTest, TenThousandOperationsAreDecided) {
  for (const Recorded& want : std::vector<Recorded>{
           {.operations = 10'000, .clients = 5, .values = 1'000'000, .unknowns = 0, .seed = 1},
           {.operations = 10'000, .clients = 5, .values = 1'000'000, .unknowns = 20, .seed = 2},
           {.operations = 10'000, .clients = 8, .values = 5, .unknowns = 0, .seed = 3},
           {.operations = 10'000, .clients = 12, .values = 3, .unknowns = 5, .seed = 4}}) {
    SCOPED_TRACE(absl::StrCat("seed ", want.seed));
    const History history = Record(want);
    const LinearizabilityResult result = CheckLinearizability(history);
    EXPECT_EQ(result.verdict, Verdict::kLinearizable) << result.explanation;
    // A good history is found almost without going back.
    EXPECT_LT(result.configurations, 1'000'000u);
  }
}

TEST(LinearizabilityTest, OneStaleReadInThousandsIsFound) {
  History history =
      Record({.operations = 10'000, .clients = 4, .values = 1'000'000, .unknowns = 0, .seed = 9});
  for (size_t i = history.size() / 2;; ++i) {
    if (history[i].kind != OperationKind::kRead || !history[i].result.has_value()) continue;
    // Long overwritten: nobody else wrote that value.
    const auto old = std::find_if(history.begin(), history.end(), [](const Operation& operation) {
      return operation.kind == OperationKind::kWrite && operation.value.has_value();
    });
    history[i].result = old->value;
    break;
  }
  const LinearizabilityResult result = CheckLinearizability(history);
  EXPECT_EQ(result.verdict, Verdict::kNotLinearizable);
  EXPECT_NE(result.explanation.find("key k"), std::string::npos) << result.explanation;
}

TEST(LinearizabilityTest, TooMuchWorkIsUndecidedAndNeverGood) {
  // All of these overlap, and nothing ever wrote what the last one read.
  History history;
  for (int i = 0; i < 24; ++i) history.push_back(Write({0, 100}, absl::StrCat(i)));
  for (int i = 0; i < 24; ++i) {
    history.push_back(Cas({0, 100}, {absl::StrCat(i), absl::StrCat("x", i), absl::StrCat(i)}));
  }
  history.push_back(Read({101, 102}, "nowhere"));
  const LinearizabilityResult result =
      CheckLinearizability(history, {.max_configurations = 10'000});
  EXPECT_EQ(result.verdict, Verdict::kUndecided);
  EXPECT_NE(result.explanation, "");
}

}  // namespace
}  // namespace blixard::raft
