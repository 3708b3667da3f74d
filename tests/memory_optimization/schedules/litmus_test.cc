// The model itself: small programs whose outcomes C++20 settles. What it allows must be reached,
// what it forbids must never be, over a fixed set of seeds. Names as in Alglave et al., "Herding
// Cats" (TOPLAS 2014), and Batty et al., "Overhauling SC Atomics" (POPL 2016).
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "memory_optimization/sanitizers.h"
#include "tests/memory_optimization/schedules/explore.h"
#include "tests/memory_optimization/schedules/model_atomics.h"

namespace blixard::memory::schedules {
namespace {

using Order = std::memory_order;
constexpr Order kRelaxed = Order::relaxed;
constexpr Order kAcquire = Order::acquire;
constexpr Order kRelease = Order::release;
constexpr Order kTotal = Order::seq_cst;

#if defined(BLIXARD_ADDRESS_SANITIZER) || defined(BLIXARD_THREAD_SANITIZER)
constexpr uint64_t kSchedules = 4'000;  // each costs some twenty times as much
#else
constexpr uint64_t kSchedules = 20'000;
#endif

struct Shared {
  ModelAtomic<int> x = 0;
  ModelAtomic<int> y = 0;
  ModelPlain<int> data = 0;
  std::array<int, 4> seen = {-1, -1, -1, -1};
};

using Part = std::function<void(Shared&)>;

// Up to four threads; the values they saw make the outcome, "01" for 0 and 1.
struct Program {
  std::vector<Part> threads;
  std::set<std::string> outcomes = {};
};

struct LitmusScenario {
  static constexpr int kThreads = 4;

  explicit LitmusScenario(Program& program) : program(program) {}
  void Run(int thread) {
    if (thread < static_cast<int>(program.threads.size())) program.threads[thread](shared);
  }
  void Finish() {
    std::string outcome;
    for (const int value : shared.seen) {
      if (value >= 0) outcome += std::to_string(value);
    }
    program.outcomes.insert(outcome);
  }

  Program& program;
  Shared shared;
};

using Outcomes = std::set<std::string>;

Outcomes OutcomesOf(std::vector<Part> threads) {
  Program program = {.threads = std::move(threads)};
  const ExploreResult result =
      Explore<LitmusScenario>({.schedules = kSchedules, .expected_steps = 8}, program);
  EXPECT_FALSE(result.failed) << result;
  return program.outcomes;
}

ExploreResult ResultOf(std::vector<Part> threads) {
  Program program = {.threads = std::move(threads)};
  return Explore<LitmusScenario>({.schedules = kSchedules, .expected_steps = 8}, program);
}

std::vector<Part> StoreBuffering(Order store, Order load, std::function<void()> first_between,
                                 std::function<void()> second_between) {
  return {[=](Shared& s) {
            s.x.store(1, store);
            first_between();
            s.seen[0] = s.y.load(load);
          },
          [=](Shared& s) {
            s.y.store(1, store);
            second_between();
            s.seen[1] = s.x.load(load);
          }};
}

void Nothing() {}
void FenceTotal() { ModelAtomics::Fence(kTotal); }
void FenceAcquireRelease() { ModelAtomics::Fence(Order::acq_rel); }
void Light() { ModelAtomics::CompilerFence(); }
void Heavy() { ModelAtomics::BarrierOnEveryThread(); }

TEST(LitmusTest, StoreBufferingIsSeenWithoutATotalOrder) {
  const Outcomes all = {"00", "01", "10", "11"};
  EXPECT_EQ(OutcomesOf(StoreBuffering(kRelaxed, kRelaxed, Nothing, Nothing)), all);
  EXPECT_EQ(OutcomesOf(StoreBuffering(kRelease, kAcquire, Nothing, Nothing)), all);
  EXPECT_EQ(
      OutcomesOf(StoreBuffering(kRelaxed, kRelaxed, FenceAcquireRelease, FenceAcquireRelease)),
      all);
  EXPECT_EQ(OutcomesOf(StoreBuffering(kRelaxed, kRelaxed, FenceTotal, Nothing)), all);
}

TEST(LitmusTest, StoreBufferingIsForbiddenByATotalOrder) {
  const Outcomes ordered = {"01", "10", "11"};
  EXPECT_EQ(OutcomesOf(StoreBuffering(kTotal, kTotal, Nothing, Nothing)), ordered);
  EXPECT_EQ(OutcomesOf(StoreBuffering(kRelaxed, kRelaxed, FenceTotal, FenceTotal)), ordered);
}

TEST(LitmusTest, AsymmetricFencesForbidStoreBuffering) {
  const Outcomes ordered = {"01", "10", "11"};
  EXPECT_EQ(OutcomesOf(StoreBuffering(kRelaxed, kRelaxed, Light, Heavy)), ordered);
  EXPECT_EQ(OutcomesOf(StoreBuffering(kRelaxed, kRelaxed, Heavy, Heavy)), ordered);
  const Outcomes all = {"00", "01", "10", "11"};
  EXPECT_EQ(OutcomesOf(StoreBuffering(kRelaxed, kRelaxed, Light, Light)), all);
  EXPECT_EQ(OutcomesOf(StoreBuffering(kRelaxed, kRelaxed, Light, FenceTotal)), all);
  EXPECT_EQ(OutcomesOf(StoreBuffering(kRelaxed, kRelaxed, Nothing, Heavy)), all);
}

std::vector<Part> MessagePassing(Order store, Order load) {
  return {[=](Shared& s) {
            s.x.store(1, kRelaxed);
            s.y.store(1, store);
          },
          [=](Shared& s) {
            s.seen[0] = s.y.load(load);
            s.seen[1] = s.x.load(kRelaxed);
          }};
}

TEST(LitmusTest, MessagePassingNeedsReleaseAndAcquire) {
  EXPECT_EQ(OutcomesOf(MessagePassing(kRelease, kAcquire)), (Outcomes{"00", "01", "11"}));
  const Outcomes all = {"00", "01", "10", "11"};
  EXPECT_EQ(OutcomesOf(MessagePassing(kRelaxed, kAcquire)), all);
  EXPECT_EQ(OutcomesOf(MessagePassing(kRelease, kRelaxed)), all);
}

TEST(LitmusTest, MessagePassingWorksWithFences) {
  const std::vector<Part> fenced = {[](Shared& s) {
                                      s.x.store(1, kRelaxed);
                                      ModelAtomics::Fence(kRelease);
                                      s.y.store(1, kRelaxed);
                                    },
                                    [](Shared& s) {
                                      s.seen[0] = s.y.load(kRelaxed);
                                      ModelAtomics::Fence(kAcquire);
                                      s.seen[1] = s.x.load(kRelaxed);
                                    }};
  EXPECT_EQ(OutcomesOf(fenced), (Outcomes{"00", "01", "11"}));
  const std::vector<Part> half = {[](Shared& s) {
                                    s.x.store(1, kRelaxed);
                                    s.y.store(1, kRelaxed);
                                  },
                                  fenced[1]};
  EXPECT_EQ(OutcomesOf(half), (Outcomes{"00", "01", "10", "11"}));
}

std::vector<Part> PassPlainData(Order store, Order load) {
  return {[=](Shared& s) {
            s.data = 1;
            s.y.store(1, store);
          },
          [=](Shared& s) {
            if (s.y.load(load) == 1) s.seen[0] = s.data;
          }};
}

TEST(LitmusTest, PlainDataMayPassOnlyByReleaseAndAcquire) {
  EXPECT_FALSE(ResultOf(PassPlainData(kRelease, kAcquire)).failed);
  EXPECT_TRUE(ResultOf(PassPlainData(kRelaxed, kAcquire)).failed);
  EXPECT_TRUE(ResultOf(PassPlainData(kRelease, kRelaxed)).failed);
}

TEST(LitmusTest, ATotalFenceAloneDoesNotHideADataRace) {
  const std::vector<Part> threads = {[](Shared& s) {
                                       s.data = 1;
                                       ModelAtomics::Fence(kTotal);
                                     },
                                     [](Shared& s) {
                                       ModelAtomics::Fence(kTotal);
                                       s.seen[0] = s.data;
                                     }};
  const ExploreResult result = ResultOf(threads);
  EXPECT_TRUE(result.failed);
  EXPECT_NE(result.message.find("data race"), std::string::npos) << result;
}

// Both writers and both readers agree on one order only if every access is in the total order.
std::vector<Part> IndependentReads(Order store, Order load) {
  return {[=](Shared& s) { s.x.store(1, store); }, [=](Shared& s) { s.y.store(1, store); },
          [=](Shared& s) {
            s.seen[0] = s.x.load(load);
            s.seen[1] = s.y.load(load);
          },
          [=](Shared& s) {
            s.seen[2] = s.y.load(load);
            s.seen[3] = s.x.load(load);
          }};
}

TEST(LitmusTest, IndependentReadsOfIndependentWritesMayDisagree) {
  EXPECT_TRUE(OutcomesOf(IndependentReads(kRelease, kAcquire)).contains("1010"));
  EXPECT_TRUE(OutcomesOf(IndependentReads(kRelaxed, kRelaxed)).contains("1010"));
  const Outcomes total = OutcomesOf(IndependentReads(kTotal, kTotal));
  EXPECT_FALSE(total.contains("1010"));
  EXPECT_EQ(total.size(), 15u);  // all the others
}

TEST(LitmusTest, IndependentReadsAgreeWithTotalFencesBetweenThem) {
  std::vector<Part> threads = IndependentReads(kRelaxed, kRelaxed);
  threads[2] = [](Shared& s) {
    s.seen[0] = s.x.load(kRelaxed);
    ModelAtomics::Fence(kTotal);
    s.seen[1] = s.y.load(kRelaxed);
  };
  threads[3] = [](Shared& s) {
    s.seen[2] = s.y.load(kRelaxed);
    ModelAtomics::Fence(kTotal);
    s.seen[3] = s.x.load(kRelaxed);
  };
  EXPECT_FALSE(OutcomesOf(threads).contains("1010"));
}

TEST(LitmusTest, ReadsOfOneLocationNeverGoBack) {
  const Outcomes outcomes = OutcomesOf({[](Shared& s) {
                                          s.x.store(1, kRelaxed);
                                          s.x.store(2, kRelaxed);
                                        },
                                        [](Shared& s) {
                                          s.seen[0] = s.x.load(kRelaxed);
                                          s.seen[1] = s.x.load(kRelaxed);
                                        }});
  EXPECT_EQ(outcomes, (Outcomes{"00", "01", "02", "11", "12", "22"}));
}

TEST(LitmusTest, AThreadSeesItsOwnStores) {
  const Outcomes outcomes = OutcomesOf({[](Shared& s) {
                                          s.x.store(1, kRelaxed);
                                          s.seen[0] = s.x.load(kRelaxed);
                                        },
                                        [](Shared& s) { s.x.store(2, kRelaxed); }});
  EXPECT_EQ(outcomes, (Outcomes{"1", "2"}));
}

// What one has read, the next must not overlook once told (causality through a third thread).
TEST(LitmusTest, KnowledgeIsPassedOn) {
  const auto program = [](Order order) {
    return std::vector<Part>{[](Shared& s) { s.x.store(1, kRelaxed); },
                             [order](Shared& s) {
                               s.seen[0] = s.x.load(kRelaxed);
                               s.y.store(1, order);
                             },
                             [](Shared& s) {
                               s.seen[1] = s.y.load(kAcquire);
                               s.seen[2] = s.x.load(kRelaxed);
                             }};
  };
  EXPECT_FALSE(OutcomesOf(program(kRelease)).contains("110"));
  EXPECT_TRUE(OutcomesOf(program(kRelaxed)).contains("110"));
}

// The reader takes the value of the read-modify-write and still learns what the store released.
TEST(LitmusTest, ReadModifyWritesContinueAReleaseSequence) {
  const auto program = [](Part second) {
    return std::vector<Part>{[](Shared& s) {
                               s.data = 1;
                               s.y.store(1, kRelease);
                             },
                             second,
                             [](Shared& s) {
                               if (s.y.load(kAcquire) == 2) s.seen[0] = s.data;
                             }};
  };
  EXPECT_FALSE(ResultOf(program([](Shared& s) {
                 int one = 1;
                 s.y.compare_exchange_strong(one, 2, kRelaxed);
               })).failed);
  // A plain store breaks the sequence, whoever makes it (C++20).
  EXPECT_TRUE(ResultOf(program([](Shared& s) {
                if (s.y.load(kRelaxed) == 1) s.y.store(2, kRelaxed);
              })).failed);
}

TEST(LitmusTest, ReadModifyWritesLoseNothing) {
  const Outcomes outcomes = OutcomesOf({[](Shared& s) { s.x.fetch_add(1, kRelaxed); },
                                        [](Shared& s) { s.x.fetch_add(1, kRelaxed); },
                                        [](Shared& s) {
                                          s.x.fetch_add(1, kRelaxed);
                                          while (s.x.load(kRelaxed) < 3) ModelAtomics::Yield();
                                          s.seen[0] = s.x.load(kRelaxed);
                                        }});
  EXPECT_EQ(outcomes, Outcomes{"3"});
}

TEST(LitmusTest, LoadAndStoreLoseSteps) {
  const Part step = [](Shared& s) { s.x.store(s.x.load(kTotal) + 1, kTotal); };
  const Part last = [](Shared& s) {
    s.x.store(s.x.load(kTotal) + 1, kTotal);
    s.seen[0] = s.x.load(kTotal);
  };
  EXPECT_TRUE(OutcomesOf({step, last}).contains("1"));
  EXPECT_TRUE(OutcomesOf({step, last}).contains("2"));
}

// Not modelled, and said so in memory_model.h: both loads would have to see the future.
TEST(LitmusTest, LoadBufferingIsNotModelled) {
  const Outcomes outcomes = OutcomesOf({[](Shared& s) {
                                          s.seen[0] = s.x.load(kRelaxed);
                                          s.y.store(1, kRelaxed);
                                        },
                                        [](Shared& s) {
                                          s.seen[1] = s.y.load(kRelaxed);
                                          s.x.store(1, kRelaxed);
                                        }});
  EXPECT_EQ(outcomes, (Outcomes{"00", "01", "10"}));
}

TEST(LitmusTest, AMutexOrdersWhatItGuards) {
  struct Scenario {
    enum { kThreads = 3 };
    void Run(int) {
      const std::lock_guard lock(mutex);
      ++counter;
    }
    void Finish() { Expect(counter == 3, "every step counts"); }
    ModelMutex mutex;
    ModelPlain<int> counter = 0;
  };
  EXPECT_FALSE(Explore<Scenario>({.schedules = kSchedules}).failed);
}

TEST(LitmusTest, AFailedScheduleRepeatsFromItsSeed) {
  const std::vector<Part> racy = PassPlainData(kRelaxed, kAcquire);
  const ExploreResult first = ResultOf(racy);
  Program program = {.threads = racy};
  const ExploreResult again =
      Explore<LitmusScenario>({.seed = first.seed, .schedules = 1, .expected_steps = 8}, program);
  EXPECT_TRUE(again.failed);
  EXPECT_EQ(again.message, first.message);
  EXPECT_EQ(again.trace, first.trace);
  EXPECT_NE(first.trace.find("litmus_test.cc"), std::string::npos) << first;
}

TEST(LitmusTest, ADeadlockIsReported) {
  struct Scenario {
    enum { kThreads = 2 };
    void Run(int thread) {
      ModelMutex& first = thread == 0 ? a : b;
      ModelMutex& second = thread == 0 ? b : a;
      const std::lock_guard outer(first);
      const std::lock_guard inner(second);
    }
    ModelMutex a;
    ModelMutex b;
  };
  const ExploreResult result = Explore<Scenario>({});
  EXPECT_NE(result.message.find("deadlock: thread 1 locks, thread 2 locks"), std::string::npos)
      << result;
}

TEST(LitmusTest, ALivelockIsReported) {
  const ExploreResult polite = ResultOf({[](Shared& s) {
    while (s.x.load(kRelaxed) == 0) ModelAtomics::Yield();
  }});
  EXPECT_NE(polite.message.find("livelock"), std::string::npos) << polite;
  const ExploreResult rude = ResultOf({[](Shared& s) {
    while (s.x.load(kRelaxed) == 0) {
    }
  }});
  EXPECT_NE(rude.message.find("no end within"), std::string::npos) << rude;
}

TEST(LitmusTest, ALostWakeUpIsReported) {
  const auto program = [](bool notifies) {
    return std::vector<Part>{[](Shared& s) { s.x.wait(0); },
                             [notifies](Shared& s) {
                               s.x.store(1);
                               if (notifies) s.x.notify_one();
                             }};
  };
  EXPECT_FALSE(ResultOf(program(true)).failed);
  EXPECT_NE(ResultOf(program(false)).message.find("deadlock"), std::string::npos);
}

struct Node {
  ModelAtomic<int> word = 0;
};

TEST(LitmusTest, UseAfterDeleteIsReported) {
  struct Scenario {
    enum { kThreads = 2 };
    Scenario() { shared.store(ModelAtomics::New<Node>(), kRelaxed); }
    void Run(int thread) {
      Node* node = shared.load(kAcquire);
      if (thread == 0) {
        node->word.load(kRelaxed);
      } else {
        ModelAtomics::Delete(node);
      }
    }
    ModelAtomic<Node*> shared = nullptr;
  };
  std::set<std::string> messages;
  for (uint64_t seed = 1; seed < 100; ++seed) {
    const ExploreResult result = Explore<Scenario>({.seed = seed, .schedules = 1});
    EXPECT_TRUE(result.failed);
    messages.insert(result.message);
  }
  EXPECT_EQ(messages, (std::set<std::string>{
                          "thread 1: node+0: used after its destruction",
                          "thread 2: node+0: destroyed while another thread may still use it"}));
}

TEST(LitmusTest, AnObjectPublishedWithoutReleaseIsReported) {
  const auto publish = [](Order order) {
    struct Scenario {
      enum { kThreads = 2 };
      explicit Scenario(Order& order) : order(order) {}
      void Run(int thread) {
        if (thread == 0) {
          shared.store(ModelAtomics::New<Node>(), order);
        } else if (Node* node = shared.load(kAcquire); node != nullptr) {
          node->word.load(kRelaxed);
        }
      }
      Order& order;
      ModelAtomic<Node*> shared = nullptr;
    };
    return Explore<Scenario>({}, order);
  };
  Order release = kRelease;
  Order relaxed = kRelaxed;
  EXPECT_FALSE(publish(release).failed);
  EXPECT_NE(publish(relaxed).message.find("used before its creation"), std::string::npos);
}

}  // namespace
}  // namespace blixard::memory::schedules
