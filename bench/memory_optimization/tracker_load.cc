#include "bench/memory_optimization/tracker_load.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace blixard::bench {
namespace {

struct Block {
  unsigned char* bytes = nullptr;
  size_t size = 0;
};

uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  return value ^ (value >> 27);
}

[[gnu::noinline]] Block Make(size_t size, uint64_t seed) {
  Block block = {.bytes = new unsigned char[size], .size = size};
  std::memset(block.bytes, static_cast<int>(seed), size);
  return block;
}

// Reads a word of every 32 bytes, then gives the block back.
[[gnu::noinline]] uint64_t Use(Block& block) {
  uint64_t sum = block.size;
  for (size_t at = 0; at + sizeof(uint64_t) <= block.size; at += 32) {
    uint64_t word;
    std::memcpy(&word, block.bytes + at, sizeof(word));
    sum = Mix(sum + word);
  }
  delete[] block.bytes;
  block.bytes = nullptr;
  return sum;
}

// Ten names: short, freed at once.
[[gnu::noinline]] uint64_t ParseNames(uint64_t seed) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < 10; ++i) {
    Block name = Make(16 + 8 * (Mix(seed + i) % 6), seed + i);
    sum += Use(name);
  }
  return sum;
}

// Twelve entries that live until the request is done.
[[gnu::noinline]] uint64_t ReadEntries(uint64_t seed, std::array<Block, 12>& entries) {
  uint64_t sum = 0;
  for (Block& entry : entries) {
    entry = Make(48 + 16 * (Mix(seed + sum++) % 8), seed);
  }
  return sum;
}

// Eight buffers, the older given back while the newer comes.
[[gnu::noinline]] uint64_t Answer(uint64_t seed) {
  uint64_t sum = 0;
  Block last = Make(144, seed);
  for (uint64_t i = 1; i < 8; ++i) {
    Block next = Make(144 + 64 * (Mix(seed + i) % 5), seed + i);
    sum += Use(last);
    last = next;
  }
  return sum + Use(last);
}

[[gnu::noinline]] uint64_t Serve(uint64_t seed) {
  std::array<Block, 12> entries;
  uint64_t sum = ParseNames(seed) + ReadEntries(seed, entries);
  sum += Answer(seed);
  for (Block& entry : entries) sum += Use(entry);
  return sum;
}

}  // namespace

uint64_t RunTrackerLoad(uint64_t seed) { return Serve(Mix(seed)); }

}  // namespace blixard::bench
