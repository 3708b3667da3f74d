#include "memory_optimization/no_destructor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace blixard::memory {
namespace {

struct Loud {
  ~Loud() { std::_Exit(13); }
  int value = 7;
};

Loud& Instance() {
  static NoDestructor<Loud> instance;
  return *instance;
}

TEST(NoDestructorDeathTest, NeverDestroysItsObject) {
  EXPECT_EXIT(
      {
        if (Instance().value == 7) std::exit(0);
      },
      testing::ExitedWithCode(0), "");
}

struct UsesInstanceAtExit {
  ~UsesInstanceAtExit() {
    if (is_armed && Instance().value == 7) std::_Exit(42);
  }
  bool is_armed = false;
};
UsesInstanceAtExit at_exit;

TEST(NoDestructorDeathTest, ObjectIsUsableInStaticDestruction) {
  EXPECT_EXIT(
      {
        at_exit.is_armed = true;
        std::exit(0);
      },
      testing::ExitedWithCode(42), "");
}

TEST(NoDestructorTest, TakesAnyArguments) {
  static const NoDestructor<std::string> repeated(3u, 'x');
  static const NoDestructor<std::vector<int>> primes(std::vector<int>{2, 3, 5});
  EXPECT_EQ(*repeated, "xxx");
  EXPECT_EQ(primes->size(), 3u);
}

TEST(NoDestructorTest, AlignsItsObject) {
  struct alignas(128) Wide {
    char byte = 0;
  };
  static const NoDestructor<Wide> wide;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(wide.get()) % 128, 0u);
}

TEST(NoDestructorTest, IsBuiltOnceHoweverManyThreadsComeFirst) {
  static std::atomic<int> built = 0;
  struct Counted {
    Counted() { ++built; }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      static NoDestructor<Counted> instance;
      EXPECT_NE(instance.get(), nullptr);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(built, 1);
}

}  // namespace
}  // namespace blixard::memory
