// Inputs near given ones, without libFuzzer.
#ifndef BLIXARD_TESTS_FUZZ_MUTATION_H_
#define BLIXARD_TESTS_FUZZ_MUTATION_H_

#include <random>
#include <string>
#include <vector>

namespace blixard::fuzz {

inline constexpr size_t kMaxMutantBytes = 1 << 16;

// One of the corpus (not empty) after a few changes: bits flipped, bytes and numbers replaced,
// ranges cut, doubled, zeroed or taken from another input. At most kMaxMutantBytes.
std::string Mutant(const std::vector<std::string>& corpus, std::mt19937_64& random);

}  // namespace blixard::fuzz

#endif  // BLIXARD_TESTS_FUZZ_MUTATION_H_
