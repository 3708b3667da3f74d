// Every misuse that a pool can be put to, one by one and by the thousand. Long runs:
//   object_pool_misuse_test --faults=1000000 --cycles=1000000000 --seed=7
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "memory_optimization/object_pool.h"
#include "memory_optimization/pool_checks.h"

namespace blixard::memory {
namespace {

struct Options {
  uint64_t faults = 5'000;
  uint64_t cycles = 200'000;
  uint64_t seed = std::random_device{}();
};
Options options;

struct Job {
  std::array<uint64_t, 6> words{};

  void Reset() noexcept { words.fill(0); }
};

// What the pools reported since the last Take.
struct Reports {
  static void Note(const PoolMisuseReport& report) {
    ++count;
    last = report;
  }
  static uint64_t Take() { return std::exchange(count, 0); }
  static inline uint64_t count = 0;
  static inline PoolMisuseReport last = {};
};

class ObjectPoolMisuseTest : public testing::Test {
 protected:
  ObjectPoolMisuseTest() { SetPoolMisuseHandler(&Reports::Note); }
  ~ObjectPoolMisuseTest() override {
    SetPoolMisuseHandler(nullptr);
    Reports::Take();
  }
  // Complete also without a checked build: a twin has no generation there, but a state.
  ObjectPool<Job> pool_{"misused", {.max_size = 64, .record_call_sites = true}};
  ObjectPool<Job> other_{"other", {.max_size = 64, .record_call_sites = true}};
};

// A second owner, as a stray memcpy or an object freed twice makes one.
class Twin {
 public:
  explicit Twin(const Pooled<Job>& guard) { std::memcpy(bytes_, &guard, sizeof(guard)); }
  Pooled<Job>& operator*() { return *reinterpret_cast<Pooled<Job>*>(bytes_); }

 private:
  alignas(Pooled<Job>) char bytes_[sizeof(Pooled<Job>)];
};

// As code without instrumentation writes: a system call, a device.
__attribute__((no_sanitize("address"), noinline)) void Scribble(Job* job, size_t word) {
  volatile uint64_t* words = job->words.data();
  words[word] = words[word] + 1;
}

#define EXPECT_MISUSE(misuse_, count_)          \
  EXPECT_EQ(Reports::Take(), uint64_t{count_}); \
  EXPECT_EQ(PoolMisuseName(Reports::last.misuse), PoolMisuseName(misuse_))

TEST_F(ObjectPoolMisuseTest, ADoubleReleaseIsFoundWithBothCallSites) {
  Pooled<Job> guard = pool_.Acquire();
  Twin twin(guard);
  guard.Reset();
  (*twin).Reset();
  EXPECT_MISUSE(PoolMisuse::kDoubleRelease, 1);
  EXPECT_NE(std::string_view(Reports::last.acquired_at.file_name()).find("misuse_test.cc"),
            std::string_view::npos);
  EXPECT_EQ(Reports::last.released_at != nullptr, kCheckedPools);
  EXPECT_EQ(pool_.Stats().live, 0u);
  EXPECT_EQ(pool_.Stats().idle, 1u);
}

TEST_F(ObjectPoolMisuseTest, ADoubleReleaseAfterTheObjectHasANewOwnerIsFound) {
  if (!kCheckedPools) GTEST_SKIP() << "guards know their generation in checked builds only";
  Pooled<Job> guard = pool_.Acquire();
  Twin twin(guard);
  guard.Reset();
  const Pooled<Job> next = pool_.Acquire();
  EXPECT_EQ(Reports::Take(), 0u);
  (*twin).Reset();
  EXPECT_MISUSE(PoolMisuse::kDoubleRelease, 1);
  EXPECT_EQ(pool_.Stats().live, 1u);
}

TEST_F(ObjectPoolMisuseTest, UseOfAReleasedGuardIsFound) {
  if (!kCheckedPools) GTEST_SKIP() << "guards know their generation in checked builds only";
  Pooled<Job> guard = pool_.Acquire();
  Twin twin(guard);
  guard.Reset();
  (void)(*twin).get();
  EXPECT_MISUSE(PoolMisuse::kUseAfterReturn, 1);
}

TEST_F(ObjectPoolMisuseTest, AWriteAfterReturnIsFoundAndUndone) {
  Pooled<Job> guard = pool_.Acquire();
  Job* job = guard.get();
  guard.Reset();
  Scribble(job, 3);
  const Pooled<Job> next = pool_.Acquire();
  EXPECT_MISUSE(PoolMisuse::kWriteAfterReturn, 1);
  EXPECT_EQ(next.get(), job);
  EXPECT_EQ(next->words[3], 0u);
}

TEST_F(ObjectPoolMisuseTest, ReleaseOfADetachedObjectIsFound) {
  Pooled<Job> guard = pool_.Acquire();
  Twin twin(guard);
  Job* job = guard.Detach();
  (*twin).Reset();
  EXPECT_MISUSE(PoolMisuse::kReleaseOfDetached, 1);
  pool_.Attach(job).Reset();
  EXPECT_EQ(Reports::Take(), 0u);
}

TEST_F(ObjectPoolMisuseTest, AttachingTwiceIsFound) {
  Job* job = pool_.Acquire().Detach();
  const Pooled<Job> first = pool_.Attach(job);
  EXPECT_FALSE(pool_.Attach(job));
  EXPECT_MISUSE(PoolMisuse::kNotDetached, 1);
}

TEST_F(ObjectPoolMisuseTest, AttachingAReleasedObjectIsFound) {
  Job* job = pool_.Acquire().Detach();
  pool_.Attach(job).Reset();
  EXPECT_FALSE(pool_.Attach(job));
  EXPECT_MISUSE(PoolMisuse::kNotDetached, 1);
}

TEST_F(ObjectPoolMisuseTest, AForeignObjectIsFound) {
  Job* job = other_.Acquire().Detach();
  EXPECT_FALSE(pool_.Attach(job));
  EXPECT_MISUSE(PoolMisuse::kForeignObject, 1);
  other_.Attach(job).Reset();
}

// Without recording too, in every build: the hot slot knows.
TEST_F(ObjectPoolMisuseTest, ADoubleReleaseIsFatalInEveryBuild) {
  SetPoolMisuseHandler(nullptr);
  ObjectPool<Job> pool("unrecorded");
  EXPECT_DEATH(
      {
        Pooled<Job> guard = pool.Acquire();
        Twin twin(guard);
        guard.Reset();
        (*twin).Reset();
      },
      "pool \"unrecorded\": double release, object 0x");
}

// One seeded fault among valid traffic; returns how many reports it must give.
class Faults {
 public:
  Faults(ObjectPool<Job>& pool, ObjectPool<Job>& other, uint64_t seed)
      : pool_(pool), other_(other), random_(seed) {}

  uint64_t CommitOne() {
    Traffic();
    switch (random_() % (kCheckedPools ? 7 : 5)) {
      case 0:
        return DoubleRelease();
      case 1:
        return WriteAfterReturn();
      case 2:
        return ReleaseOfDetached();
      case 3:
        return AttachOfAttached();
      case 4:
        return AttachOfForeign();
      case 5:
        return UseAfterReturn();
      default:
        return ReleaseOfNextTenant();
    }
  }

 private:
  // The pool's order is stirred, so that the object at fault is now hot, now deep.
  void Traffic() {
    std::vector<Pooled<Job>> held(random_() % 40);
    for (Pooled<Job>& job : held) job = pool_.Acquire();
    std::shuffle(held.begin(), held.end(), random_);
  }
  uint64_t DoubleRelease() {
    Pooled<Job> guard = pool_.Acquire();
    Twin twin(guard);
    guard.Reset();
    (*twin).Reset();
    return 1;
  }
  uint64_t WriteAfterReturn() {
    Pooled<Job> guard = pool_.Acquire();
    Job* job = guard.get();
    guard.Reset();
    Scribble(job, random_() % 6);
    Drain();
    return 1;
  }
  uint64_t ReleaseOfDetached() {
    Pooled<Job> guard = pool_.Acquire();
    Twin twin(guard);
    Job* job = guard.Detach();
    (*twin).Reset();
    pool_.Attach(job).Reset();
    return 1;
  }
  uint64_t AttachOfAttached() {
    Job* job = pool_.Acquire().Detach();
    Pooled<Job> guard = pool_.Attach(job);
    if (random_() % 2 == 0) guard.Reset();
    (void)pool_.Attach(job);
    return 1;
  }
  uint64_t AttachOfForeign() {
    Job* job = other_.Acquire().Detach();
    (void)pool_.Attach(job);
    other_.Attach(job).Reset();
    return 1;
  }
  uint64_t UseAfterReturn() {
    Pooled<Job> guard = pool_.Acquire();
    Twin twin(guard);
    guard.Reset();
    (void)(*twin).get();
    return 1;
  }
  uint64_t ReleaseOfNextTenant() {
    Pooled<Job> guard = pool_.Acquire();
    Twin twin(guard);
    guard.Reset();
    std::vector<Pooled<Job>> tenants(64);
    for (Pooled<Job>& tenant : tenants) tenant = pool_.Acquire();
    (*twin).Reset();
    return 1;
  }
  // Hands out every idle object once.
  void Drain() {
    std::vector<Pooled<Job>> held;
    while (Pooled<Job> job = pool_.Acquire()) held.push_back(std::move(job));
  }

  ObjectPool<Job>& pool_;
  ObjectPool<Job>& other_;
  std::mt19937_64 random_;
};

TEST_F(ObjectPoolMisuseTest, EverySeededFaultIsReportedOnce) {
  SCOPED_TRACE(testing::Message() << "--seed=" << options.seed);
  Faults faults(pool_, other_, options.seed);
  for (uint64_t i = 0; i < options.faults; ++i) {
    const uint64_t want = faults.CommitOne();
    ASSERT_EQ(Reports::Take(), want) << "fault " << i;
    ASSERT_EQ(pool_.Stats().live, 0u) << "fault " << i;
  }
}

TEST_F(ObjectPoolMisuseTest, ValidCyclesAreNeverReported) {
  SCOPED_TRACE(testing::Message() << "--seed=" << options.seed);
  ObjectPool<Job> pool("valid", {.max_size = 256});  // as fast as the build allows
  std::mt19937_64 random(options.seed);
  std::vector<Pooled<Job>> held;
  held.reserve(256);
  for (uint64_t cycle = 0; cycle < options.cycles;) {
    const uint64_t choice = random();
    if (choice % 4 == 0) {
      for (uint64_t i = 0; i < choice % 101; ++i, ++cycle) pool.Acquire()->words[0] = i;
    } else if (choice % 4 == 1) {
      held.clear();
    } else if (choice % 4 == 2 && !held.empty()) {
      Job* job = held.back().Detach();
      held.back() = pool.Attach(job);
    } else if (Pooled<Job> job = pool.Acquire(); job) {
      ++cycle;
      ASSERT_EQ(job->words[1], 0u);
      job->words[1] = cycle;
      held.push_back(std::move(job));
    } else {
      held.resize(held.size() / 2);
    }
  }
  EXPECT_EQ(Reports::Take(), 0u);
}

}  // namespace

// "--faults=N", "--cycles=N", "--seed=N"; gtest has taken its own flags out already.
bool ParseFlag(std::string_view argument) {
  const struct {
    std::string_view name;
    uint64_t* value;
  } flags[] = {
      {"--faults=", &options.faults}, {"--cycles=", &options.cycles}, {"--seed=", &options.seed}};
  for (const auto& flag : flags) {
    if (!argument.starts_with(flag.name)) continue;
    *flag.value = std::strtoull(argument.data() + flag.name.size(), nullptr, 10);
    return true;
  }
  return false;
}

}  // namespace blixard::memory

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (!blixard::memory::ParseFlag(argv[i])) {
      std::cerr << argv[i] << ": want --faults=N, --cycles=N or --seed=N\n";
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
