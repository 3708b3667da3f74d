// What a fuzzer of one decoder consists of. Each NAME_fuzzer.cc defines both functions; the macro
// fuzz_target (fuzz_target.bzl) makes two programs of it: NAME, which libFuzzer drives for long
// (tools/fuzz), and NAME_test, which is one of the tests.
#ifndef BLIXARD_TESTS_FUZZ_FUZZ_TARGET_H_
#define BLIXARD_TESTS_FUZZ_FUZZ_TARGET_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace blixard::fuzz {

// Decodes `bytes`, which may be anything, and CHECKs what must hold of what came out: as a rule,
// that it encodes to the same bytes.
void FuzzOne(absl::string_view bytes);

// Inputs to begin with: what the encoder writes. Always the same.
std::vector<std::string> Seeds();

}  // namespace blixard::fuzz

#endif  // BLIXARD_TESTS_FUZZ_FUZZ_TARGET_H_
