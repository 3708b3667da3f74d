#include "scheduler/traces/sample.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "scheduler/core/names.h"
#include "scheduler/traces/events.h"
#include "scheduler/traces/splitmix64.h"

namespace blixard::scheduler::traces {
namespace {

constexpr double kMinutesPerDay = 1440;

bool Fits(const Resources& free, const Resources& want) {
  return free.vcpu_milli >= want.vcpu_milli && free.memory_mib >= want.memory_mib;
}

double ShareLeft(const Resources& free, const Resources& capacity) {
  return double{free.vcpu_milli * 1.0} / capacity.vcpu_milli +
         double{free.memory_mib * 1.0} / capacity.memory_mib;
}

enum class Packing { kFirstFit, kBestFit };

// Replays the trace with a plain heuristic; the number of requests that found no node.
size_t CountRejections(const Trace& trace, Packing packing) {
  std::vector<Resources> free;
  for (const NodeSpec& node : trace.nodes) free.push_back(node.capacity);
  const size_t nowhere = free.size();
  std::vector<size_t> placed(trace.vms.size(), nowhere);
  size_t rejections = 0;
  for (const Event& event : EventsInOrder(trace)) {
    const Resources& want = trace.vms[event.vm].resources;
    size_t& node = placed[event.vm];
    if (event.kind == EventKind::kDelete) {
      if (node != nowhere) free[node] = free[node] + want;
      continue;
    }
    for (size_t i = 0; i < free.size(); ++i) {
      if (!Fits(free[i], want)) continue;
      const bool better = node == nowhere || ShareLeft(free[i], trace.nodes[i].capacity) <
                                                 ShareLeft(free[node], trace.nodes[node].capacity);
      if (better) node = i;
      if (packing == Packing::kFirstFit) break;
    }
    if (node == nowhere) {
      ++rejections;
    } else {
      free[node] = free[node] - want;
    }
  }
  return rejections;
}

// Changes with any field of any VM.
uint64_t Fingerprint(const Trace& trace) {
  uint64_t sum = trace.nodes.size();
  for (const VmArrival& vm : trace.vms) {
    const double departs = vm.departs_days == kNever ? -1 : vm.departs_days;
    for (const uint64_t field :
         {uint64_t{vm.resources.vcpu_milli}, uint64_t{vm.resources.memory_mib},
          static_cast<uint64_t>(static_cast<int64_t>(vm.arrives_days * 86'400 + 0.5)),
          static_cast<uint64_t>(static_cast<int64_t>(departs * 86'400 + 0.5))}) {
      sum = SplitMix64(sum ^ field).Next();
    }
  }
  return sum;
}

TEST(SplitMix64Test, GivesThePublishedSequence) {
  SplitMix64 random(1234567);  // reference values of the algorithm's author
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
  EXPECT_EQ(random.Next(), 9817491932198370423u);
}

TEST(SampleTest, IsTheSameForASeedOnEveryMachine) {
  EXPECT_EQ(Fingerprint(GenerateSample({})), Fingerprint(GenerateSample({.seed = 1})));
  EXPECT_NE(Fingerprint(GenerateSample({})), Fingerprint(GenerateSample({.seed = 2})));
  // Recorded once: another value means that every published figure on this sample is void.
  EXPECT_EQ(Fingerprint(GenerateSample({})), 15824455577871587362u);
}

TEST(SampleTest, HasThePublishedShape) {
  const Trace trace = GenerateSample({});
  ASSERT_EQ(trace.vms.size(), 20'000u);
  std::vector<double> lives_minutes;
  std::set<std::pair<uint32_t, uint32_t>> sizes;
  size_t at_start = 0;
  for (const VmArrival& vm : trace.vms) {
    sizes.insert({vm.resources.vcpu_milli, vm.resources.memory_mib});
    if (vm.arrives_days == 0) {
      ++at_start;
    } else {
      lives_minutes.push_back((vm.departs_days - vm.arrives_days) * kMinutesPerDay);
    }
  }
  EXPECT_NEAR(static_cast<double>(at_start), 7'000, 50);
  EXPECT_NEAR(static_cast<double>(lives_minutes.size()) / 4, 3'230, 30);
  std::sort(lives_minutes.begin(), lives_minutes.end());
  EXPECT_NEAR(lives_minutes[lives_minutes.size() / 2], 33, 2);
  EXPECT_GT(lives_minutes[lives_minutes.size() * 95 / 100], kMinutesPerDay);  // heavy tail
  EXPECT_EQ(sizes.size(), 80u);
}

TEST(SampleTest, SmallSizesDominate) {
  const Trace trace = GenerateSample({});
  const auto small = std::count_if(trace.vms.begin(), trace.vms.end(), [](const VmArrival& vm) {
    return vm.resources.vcpu_milli <= 4'000;
  });
  EXPECT_GT(small, 14'000);
  EXPECT_LT(small, 17'000);
}

TEST(SampleTest, LoadStaysAboutLevel) {
  const Trace trace = GenerateSample({});
  const auto alive_at_end = std::count_if(trace.vms.begin(), trace.vms.end(),
                                          [](const auto& vm) { return vm.departs_days == kNever; });
  EXPECT_GT(alive_at_end, 6'500);
  EXPECT_LT(alive_at_end, 7'500);
}

TEST(SampleTest, KeepsTheInvariantsOfATrace) {
  for (const SampleOptions& options :
       std::vector<SampleOptions>{{},
                                  {.seed = 7, .vms = 1},
                                  {.seed = 8, .vms = 2'000, .days = 1},
                                  {.seed = 9, .days = 60}}) {
    SCOPED_TRACE(absl::StrCat("seed ", options.seed));
    const Trace trace = GenerateSample(options);
    ASSERT_EQ(trace.vms.size(), options.vms);
    std::set<std::string> names;
    double before = 0;
    for (const VmArrival& vm : trace.vms) {
      EXPECT_TRUE(IsValidName(vm.name)) << vm.name;
      EXPECT_TRUE(names.insert(vm.name).second) << vm.name;
      EXPECT_TRUE(IsValidResources(vm.resources)) << vm.resources;
      EXPECT_GE(vm.arrives_days, before);
      EXPECT_LT(vm.arrives_days, options.days);
      EXPECT_GT(vm.departs_days, vm.arrives_days);
      before = vm.arrives_days;
    }
  }
}

TEST(SampleTest, ItsOwnNodesTakeEveryRequest) {
  for (const uint64_t seed : {1, 2, 3}) {
    for (const size_t vms : {1, 50, 3'000, 20'000}) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", vms ", vms));
      const Trace trace = GenerateSample({.seed = seed, .vms = vms});
      EXPECT_EQ(CountRejections(trace, Packing::kFirstFit), 0u);
      if (vms > 3'000) continue;  // best-fit looks at every node: once, below, is enough
      EXPECT_EQ(CountRejections(trace, Packing::kBestFit), 0u);
    }
  }
  EXPECT_EQ(CountRejections(GenerateSample({}), Packing::kBestFit), 0u);
}

TEST(SampleTest, TakesTheNumberOfNodesItIsGiven) {
  const Trace trace = GenerateSample({.vms = 1'000, .nodes = 3});
  ASSERT_EQ(trace.nodes.size(), 3u);
  EXPECT_EQ(trace.nodes[2].name, "node-00003");
  EXPECT_EQ(trace.nodes[2].capacity, (Resources{.vcpu_milli = 48'000, .memory_mib = 786'432}));
  EXPECT_GT(CountRejections(trace, Packing::kFirstFit), 0u);  // the neighbour: too few
}

TEST(SampleDeathTest, OptionsBeyondTheBoundsAreRefused) {
  EXPECT_DEATH(GenerateSample({.vms = 0}), "options.vms");
  EXPECT_DEATH(GenerateSample({.days = 0}), "options.days");
  EXPECT_DEATH(GenerateSample({.days = kMaxSampleDays + 1}), "options.days");
  EXPECT_DEATH(GenerateSample({.nodes = kMaxSampleNodes + 1}), "options.nodes");
}

}  // namespace
}  // namespace blixard::scheduler::traces
