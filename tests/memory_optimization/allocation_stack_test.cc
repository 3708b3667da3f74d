#include "memory_optimization/allocation_stack.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "memory_optimization/allocation_symbols.h"

namespace blixard::memory::internal {
namespace {

std::vector<uintptr_t> Walk(const void* frame) {
  std::array<uintptr_t, 64> addresses;
  const int depth = CaptureStack(frame, addresses.data(), addresses.size());
  return {addresses.begin(), addresses.begin() + depth};
}

[[gnu::noinline]] std::vector<uintptr_t> Recurse(int depth) {
  if (depth == 0) return Walk(__builtin_frame_address(0));
  std::vector<uintptr_t> addresses = Recurse(depth - 1);
  asm volatile("");  // no tail call
  return addresses;
}

int CountOf(const std::vector<uintptr_t>& addresses, const std::string& name) {
  int count = 0;
  for (const uintptr_t address : addresses) {
    count += SymbolOf(address).find(name) != std::string::npos;
  }
  return count;
}

TEST(WalkFramesTest, FindsTheCallers) {
  EXPECT_EQ(CountOf(Recurse(5), "Recurse"), 5);
  EXPECT_EQ(CountOf(Recurse(5), "FindsTheCallers"), 1);
}

TEST(WalkFramesTest, StopsAtTheCapacity) { EXPECT_EQ(Recurse(200).size(), 64u); }

TEST(WalkFramesTest, WorksOnEveryThread) {
  int found = 0;
  std::thread([&found] { found = CountOf(Recurse(5), "Recurse"); }).join();
  EXPECT_EQ(found, 5);
}

// A chain of frames made by hand, in an array that stands for a stack.
struct Chain {
  std::array<StackFrame, 4> frames = {};

  uintptr_t At(int i) const { return reinterpret_cast<uintptr_t>(&frames[static_cast<size_t>(i)]); }
  std::vector<uintptr_t> Walk() const {
    std::vector<uintptr_t> found;
    WalkFrames(&frames[0], At(3), [&found](uintptr_t address) {
      found.push_back(address);
      return found.size() < 100;
    });
    return found;
  }
};

TEST(WalkFramesTest, FollowsAChainToTheEndOfTheStack) {
  Chain chain;
  for (int i = 0; i < 4; ++i) {
    chain.frames[static_cast<size_t>(i)] = {.caller = chain.At(i) + sizeof(StackFrame),
                                            .return_address = 100u + static_cast<unsigned>(i)};
  }
  EXPECT_EQ(chain.Walk(), (std::vector<uintptr_t>{100, 101, 102, 103}));
}

TEST(WalkFramesTest, NeverLeavesTheStackHoweverWrongTheChain) {
  for (const uintptr_t wrong : {uintptr_t{0}, uintptr_t{1}, uintptr_t{8}, ~uintptr_t{0},
                                ~uintptr_t{15}, uintptr_t{1} << 63}) {
    Chain chain;
    chain.frames[0] = {.caller = wrong, .return_address = 100};
    EXPECT_EQ(chain.Walk(), (std::vector<uintptr_t>{100})) << wrong;
  }
  Chain chain;
  chain.frames[0] = {.caller = chain.At(3) + 1, .return_address = 100};  // half outside
  EXPECT_EQ(chain.Walk(), (std::vector<uintptr_t>{100}));
  chain.frames[0].caller = chain.At(0);  // itself: would never end
  EXPECT_EQ(chain.Walk(), (std::vector<uintptr_t>{100}));
  chain.frames[0].caller = chain.At(1);
  chain.frames[1] = {.caller = chain.At(0), .return_address = 101};  // back down
  EXPECT_EQ(chain.Walk(), (std::vector<uintptr_t>{100, 101}));
}

std::vector<uintptr_t> walked_elsewhere;
ucontext_t fibre;
ucontext_t back;

// On a stack of its own, in front of memory that nobody may touch.
TEST(WalkFramesTest, OnAForeignStackItKeepsToItsOwnFrame) {
  constexpr size_t kStack = 256 * 1024;
  char* const memory = static_cast<char*>(
      mmap(nullptr, kStack + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(mprotect(memory + kStack, 4096, PROT_NONE), 0);
  Recurse(0);  // the bounds of the thread's own stack are known
  getcontext(&fibre);
  fibre.uc_stack.ss_sp = memory;
  fibre.uc_stack.ss_size = kStack;
  fibre.uc_link = &back;
  makecontext(
      &fibre, [] { walked_elsewhere = Recurse(5); }, 0);
  ASSERT_EQ(swapcontext(&back, &fibre), 0);
  EXPECT_EQ(walked_elsewhere.size(), 1u);
  munmap(memory, kStack + 4096);
}

TEST(WalkFramesTest, InASignalHandlerOnAnotherStackItKeepsToItsOwnFrame) {
  static std::array<char, 64 * 1024> memory;
  static std::array<uintptr_t, 64> addresses;
  static int depth = 0;
  Recurse(0);
  stack_t stack = {};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  stack_t before = {};
  ASSERT_EQ(sigaltstack(&stack, &before), 0);
  struct sigaction action = {};
  action.sa_handler = [](int) {
    depth = CaptureStack(__builtin_frame_address(0), addresses.data(), addresses.size());
  };
  action.sa_flags = SA_ONSTACK;
  struct sigaction old_action = {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &old_action), 0);
  raise(SIGUSR1);
  EXPECT_EQ(depth, 1);
  sigaction(SIGUSR1, &old_action, nullptr);
  sigaltstack(&before, nullptr);
}

TEST(WalkFramesTest, ThreadsWithTinyStacksAreWalkedSafely) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 128 * 1024);
  static int found = 0;
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, &attributes,
                [](void*) -> void* {
                  found = CountOf(Recurse(3), "Recurse");
                  return nullptr;
                },
                nullptr),
            0);
  pthread_join(thread, nullptr);
  EXPECT_EQ(found, 3);
  pthread_attr_destroy(&attributes);
}

}  // namespace
}  // namespace blixard::memory::internal
