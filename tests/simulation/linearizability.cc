#include "tests/simulation/linearizability.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "raft/core/split_mix.h"
#include "tests/simulation/history_file.h"

namespace blixard::raft {
namespace {

// Values by number; 0 is the absent one.
using ValueId = uint32_t;

// An operation on one key, reduced to what the search needs.
struct Step {
  OperationKind kind = OperationKind::kRead;
  bool known = true;  // false: nobody knows the result, and it need not be placed
  ValueId value = 0;
  ValueId expected = 0;
  ValueId result = 0;
  int64_t call_ns = 0;
  int64_t return_ns = 0;  // max for !known
  const Operation* source = nullptr;

  bool Allows(ValueId state) const {
    if (!known || kind == OperationKind::kWrite) return true;
    return state == result;
  }
  // Wherever it stands in an order, it changes nothing.
  bool OnlyLooks() const {
    return kind == OperationKind::kRead ||
           (kind == OperationKind::kCas && known && (result != expected || value == expected));
  }
  ValueId After(ValueId state) const {
    switch (kind) {
      case OperationKind::kRead:
        return state;
      case OperationKind::kWrite:
        return value;
      case OperationKind::kCas:
        return state == expected ? value : state;
    }
    return state;
  }
};

// The steps of one key by call time. Left out: what failed, unknown reads, and unknown operations
// whose value nobody ever saw or compared with: wherever such a one took effect, the next operation
// that depends on the state contradicts it, so leaving it out loses no order.
std::vector<Step> StepsOf(const std::vector<const Operation*>& operations) {
  std::map<RegisterValue, ValueId> ids = {{std::nullopt, 0}};
  const auto id_of = [&ids](const RegisterValue& value) {
    return ids.emplace(value, static_cast<ValueId>(ids.size())).first->second;
  };
  std::vector<Step> steps;
  std::vector<bool> seen;
  const auto see = [&seen](ValueId id) {
    if (seen.size() <= id) seen.resize(id + 1);
    seen[id] = true;
  };
  for (const Operation* operation : operations) {
    if (operation->status == OperationStatus::kFail) continue;
    const bool known = operation->status == OperationStatus::kOk;
    if (!known && operation->kind == OperationKind::kRead) continue;
    steps.push_back(
        {.kind = operation->kind,
         .known = known,
         .value = id_of(operation->value),
         .expected = id_of(operation->expected),
         .result = id_of(operation->result),
         .call_ns = operation->call_ns,
         .return_ns = operation->return_ns.value_or(std::numeric_limits<int64_t>::max()),
         .source = operation});
    if (known && operation->kind != OperationKind::kWrite) see(steps.back().result);
    if (operation->kind == OperationKind::kCas) see(steps.back().expected);
  }
  std::erase_if(steps, [&seen](const Step& step) {
    return !step.known && (step.value >= seen.size() || !seen[step.value]);
  });
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
    return std::tie(a.call_ns, a.return_ns) < std::tie(b.call_ns, b.return_ns);
  });
  return steps;
}

// Depth-first over configurations: which steps are placed already, and the state after them.
class Search {
 public:
  Search(std::vector<Step> steps, uint64_t max_configurations)
      : steps_(std::move(steps)), max_configurations_(max_configurations) {
    BuildEvents();
    SplitMix random(0x6c696e);  // any fixed seed: the marks only have to differ
    for (size_t i = 0; i < steps_.size(); ++i) {
      marks_.push_back(absl::MakeUint128(random.Next(), random.Next()));
      if (steps_[i].known) ++known_left_;
    }
  }

  Verdict Run() {
    if (known_left_ == 0) return Verdict::kLinearizable;
    Visit();
    while (!frames_.empty()) {
      if (visited_.size() > max_configurations_) return Verdict::kUndecided;
      const std::optional<size_t> step = NextCandidate(frames_.back());
      if (!step.has_value()) {
        Back();
      } else if (Forward(*step) && known_left_ == 0) {
        return Verdict::kLinearizable;
      }
    }
    return Verdict::kNotLinearizable;
  }

  uint64_t configurations() const { return visited_.size(); }
  const Step* stuck() const { return stuck_; }

 private:
  static constexpr size_t kNone = std::numeric_limits<size_t>::max();

  // Calls and returns in the order of time, as a list from which placed steps are lifted.
  struct Event {
    size_t step = kNone;
    bool is_return = false;
    size_t before = kNone;
    size_t after = kNone;
  };

  enum class Phase : uint8_t { kFree, kKnown, kUnknown };

  struct Frame {
    size_t placed = kNone;  // the step that led here
    ValueId state = 0;      // before it
    Phase phase = Phase::kFree;
    size_t next_event = kNone;  // where to go on looking
  };

  void BuildEvents() {
    std::vector<std::tuple<int64_t, bool, size_t>> order;  // at one time calls come first
    for (size_t i = 0; i < steps_.size(); ++i) {
      order.emplace_back(steps_[i].call_ns, false, i);
      if (steps_[i].known) order.emplace_back(steps_[i].return_ns, true, i);
    }
    std::sort(order.begin(), order.end());
    call_of_.assign(steps_.size(), kNone);
    return_of_.assign(steps_.size(), kNone);
    events_.push_back({});  // the head
    for (const auto& [time, is_return, step] : order) {
      const size_t place = events_.size();
      (is_return ? return_of_ : call_of_)[step] = place;
      events_.push_back({.step = step, .is_return = is_return, .before = place - 1});
      events_[place - 1].after = place;
    }
  }

  void Lift(size_t event) {
    if (event == kNone) return;
    events_[events_[event].before].after = events_[event].after;
    if (events_[event].after != kNone) events_[events_[event].after].before = events_[event].before;
  }

  void PutBack(size_t event) {
    if (event == kNone) return;
    events_[events_[event].before].after = event;
    if (events_[event].after != kNone) events_[events_[event].after].before = event;
  }

  // What may be placed next: any step that was called before the first return of one not placed.
  // First a known step that fits and only looks: whatever order places it later stays legal with it
  // here, so it is the only choice. Then known steps, and unknown ones last.
  std::optional<size_t> NextCandidate(Frame& frame) {
    if (frame.phase == Phase::kFree) {
      for (size_t at = events_[0].after; at != kNone && !events_[at].is_return;
           at = events_[at].after) {
        const Step& step = steps_[events_[at].step];
        if (!step.known || !step.OnlyLooks() || !step.Allows(state_)) continue;
        frame.phase = Phase::kUnknown;
        frame.next_event = kNone;
        return events_[at].step;
      }
      frame.phase = Phase::kKnown;
      frame.next_event = events_[0].after;
    }
    while (true) {
      const bool over = frame.next_event == kNone || events_[frame.next_event].is_return;
      if (over && frame.phase == Phase::kUnknown) return std::nullopt;
      if (over) {
        NoteStuck(frame.next_event);
        frame.phase = Phase::kUnknown;
        frame.next_event = events_[0].after;
        continue;
      }
      const size_t index = events_[frame.next_event].step;
      const Step& step = steps_[index];
      frame.next_event = events_[frame.next_event].after;
      if (step.known != (frame.phase == Phase::kKnown)) continue;
      // An unknown step that changes nothing may as well never take effect.
      if (step.Allows(state_) && (step.known || step.After(state_) != state_)) return index;
    }
  }

  // The step whose return comes first among those not placed, on the longest way so far.
  void NoteStuck(size_t event) {
    if (event == kNone || frames_.size() < deepest_) return;
    deepest_ = frames_.size();
    stuck_ = &steps_[events_[event].step];
  }

  // False, with nothing changed, when that leads where the search has been.
  bool Forward(size_t index) {
    const Step& step = steps_[index];
    const ValueId state = step.After(state_);
    if (!visited_.insert((placed_marks_ ^ marks_[index]) + StateMark(state)).second) return false;
    Lift(call_of_[index]);
    Lift(return_of_[index]);
    placed_marks_ ^= marks_[index];
    frames_.push_back({.placed = index, .state = state_});
    state_ = state;
    if (step.known) --known_left_;
    return true;
  }

  void Visit() {
    visited_.insert(placed_marks_ + StateMark(state_));
    frames_.push_back({});
  }

  void Back() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    if (frame.placed == kNone) return;
    PutBack(return_of_[frame.placed]);
    PutBack(call_of_[frame.placed]);
    placed_marks_ ^= marks_[frame.placed];
    state_ = frame.state;
    if (steps_[frame.placed].known) ++known_left_;
  }

  // A configuration is remembered by 128 random bits; were two ever to share them, a good history
  // could be called bad, never a bad one good.
  static absl::uint128 StateMark(ValueId state) {
    SplitMix random(state);
    const uint64_t high = random.Next();
    return absl::MakeUint128(high, random.Next());
  }

  const std::vector<Step> steps_;
  const uint64_t max_configurations_;
  std::vector<Event> events_;
  std::vector<size_t> call_of_, return_of_;
  std::vector<absl::uint128> marks_;

  std::vector<Frame> frames_;
  ValueId state_ = 0;
  absl::uint128 placed_marks_ = 0;
  size_t known_left_ = 0;
  absl::flat_hash_set<absl::uint128> visited_;

  size_t deepest_ = 0;
  const Step* stuck_ = nullptr;
};

}  // namespace

absl::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kLinearizable:
      return "linearizable";
    case Verdict::kNotLinearizable:
      return "not linearizable";
    case Verdict::kUndecided:
      return "undecided";
  }
  return "?";
}

LinearizabilityResult CheckLinearizability(const History& history,
                                           const LinearizabilityOptions& options) {
  std::map<std::string, std::vector<const Operation*>> keys;
  for (const Operation& operation : history) keys[operation.key].push_back(&operation);
  LinearizabilityResult result;
  for (const auto& [key, operations] : keys) {
    Search search(StepsOf(operations), options.max_configurations);
    const Verdict verdict = search.Run();
    result.configurations += search.configurations();
    if (verdict == Verdict::kLinearizable) continue;
    // A key that is certainly wrong says more than one that was too much work.
    if (result.verdict == Verdict::kLinearizable || verdict == Verdict::kNotLinearizable) {
      result.verdict = verdict;
      const std::string stuck =
          search.stuck() == nullptr ? "\n" : FormatOperation(*search.stuck()->source);
      result.explanation =
          absl::StrCat("key ", key, ": ", VerdictName(verdict), "; no order places ", stuck);
    }
    if (verdict == Verdict::kNotLinearizable) break;
  }
  return result;
}

}  // namespace blixard::raft
