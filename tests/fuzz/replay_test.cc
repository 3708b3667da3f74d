// The short run of a fuzz target: its corpus, and some thousands of deterministic mutants.
//   --rewrite            under `bazel run`: writes the seeds into the corpus, where they belong
//   FILE...              only these inputs; for what tools/fuzz found
// Environment: BLIXARD_FUZZ_MUTANTS and BLIXARD_FUZZ_SEED change how many and which mutants.
#include <glog/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/mutation.h"

#ifndef BLIXARD_FUZZ_TARGET
#error "the macro fuzz_target says which target this is"
#endif

namespace blixard::fuzz {
namespace {

const std::string kFolder = absl::StrCat("tests/fuzz/corpus/", BLIXARD_FUZZ_TARGET);

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  CHECK(file) << "cannot read " << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> ReadCorpus() {
  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    paths.push_back(file.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const std::filesystem::path& path : paths) corpus.push_back(ReadFile(path));
  return corpus;
}

uint64_t Number(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(FuzzTest, EverySeedIsInTheCorpus) {
  const std::vector<std::string> corpus = ReadCorpus();
  for (const std::string& seed : Seeds()) {
    EXPECT_NE(std::find(corpus.begin(), corpus.end(), seed), corpus.end())
        << "a seed of " << seed.size()
        << " bytes is missing; run: bazel run //tests/fuzz:" << BLIXARD_FUZZ_TARGET
        << "_test -- --rewrite";
  }
}

TEST(FuzzTest, TheCorpusDoesNoHarm) {
  for (const std::string& input : ReadCorpus()) FuzzOne(input);
}

TEST(FuzzTest, MutantsOfTheCorpusDoNoHarm) {
  const uint64_t seed = Number("BLIXARD_FUZZ_SEED", 1);
  const uint64_t mutants = Number("BLIXARD_FUZZ_MUTANTS", 4000);
  std::cout << "seed " << seed << ", " << mutants << " mutants\n";
  const std::vector<std::string> corpus = ReadCorpus();
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < mutants; ++i) FuzzOne(Mutant(corpus, random));
}

// Beside the sources, not beside the test; seeds that are no more go.
void Rewrite() {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  CHECK(workspace != nullptr) << "--rewrite works under `bazel run` only";
  const std::filesystem::path folder = std::filesystem::path(workspace) / kFolder;
  std::filesystem::create_directories(folder);
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (absl::string_view(file.path().filename().c_str()).substr(0, 5) == "seed-") {
      std::filesystem::remove(file.path());
    }
  }
  const std::vector<std::string> seeds = Seeds();
  for (size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream(folder / absl::StrCat("seed-", i), std::ios::binary) << seeds[i];
  }
  std::cout << "wrote " << seeds.size() << " seeds to " << folder << "\n";
}

}  // namespace

int Main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && absl::string_view(argv[1]) == "--rewrite") {
    Rewrite();
    return 0;
  }
  for (int i = 1; i < argc; ++i) {
    std::cout << argv[i] << "\n";
    FuzzOne(ReadFile(argv[i]));
  }
  return argc > 1 ? 0 : RUN_ALL_TESTS();
}

}  // namespace blixard::fuzz

int main(int argc, char** argv) { return blixard::fuzz::Main(argc, argv); }
