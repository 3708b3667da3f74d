#include "tests/fuzz/mutation.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace blixard::fuzz {
namespace {

// Numbers at which lengths and counts go wrong.
constexpr std::array<uint64_t, 10> kEdges = {
    0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, ~uint64_t{0}};

struct Range {
  size_t begin;
  size_t size;
};

Range PickRange(const std::string& bytes, std::mt19937_64& random) {
  const size_t begin = random() % bytes.size();
  return {.begin = begin, .size = 1 + random() % std::min<size_t>(64, bytes.size() - begin)};
}

void FlipBit(std::string& bytes, std::mt19937_64& random) {
  const size_t at = random() % bytes.size();
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
}

void PutEdge(std::string& bytes, std::mt19937_64& random) {
  const size_t width = std::min<size_t>(bytes.size(), size_t{1} << (random() % 4));
  const size_t at = random() % (bytes.size() - width + 1);
  const uint64_t edge = kEdges[random() % kEdges.size()];
  std::memcpy(bytes.data() + at, &edge, width);
}

void PutSmall(std::string& bytes, std::mt19937_64& random) {
  bytes[random() % bytes.size()] = static_cast<char>(random() % 16);
}

void Cut(std::string& bytes, std::mt19937_64& random) {
  const Range range = PickRange(bytes, random);
  bytes.erase(range.begin, range.size);
}

void CutTail(std::string& bytes, std::mt19937_64& random) { bytes.resize(random() % bytes.size()); }

void Double(std::string& bytes, std::mt19937_64& random) {
  const Range range = PickRange(bytes, random);
  bytes.insert(range.begin, bytes.substr(range.begin, range.size));
}

void Zero(std::string& bytes, std::mt19937_64& random) {
  const Range range = PickRange(bytes, random);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(range.begin), range.size, '\0');
}

using Change = void (*)(std::string&, std::mt19937_64&);
constexpr std::array<Change, 8> kChanges = {FlipBit, FlipBit, PutEdge, PutSmall,
                                            Cut,     CutTail, Double,  Zero};

}  // namespace

std::string Mutant(const std::vector<std::string>& corpus, std::mt19937_64& random) {
  std::string bytes = corpus[random() % corpus.size()];
  if (random() % 8 == 0) {  // the end of another one
    const std::string& other = corpus[random() % corpus.size()];
    bytes.resize(random() % (bytes.size() + 1));
    bytes += other.substr(random() % (other.size() + 1));
  }
  for (uint64_t changes = 1 + random() % 4; changes > 0 && !bytes.empty(); --changes) {
    kChanges[random() % kChanges.size()](bytes, random);
  }
  if (bytes.size() > kMaxMutantBytes) bytes.resize(kMaxMutantBytes);
  return bytes;
}

}  // namespace blixard::fuzz
