// One test per file of testdata/. To accept new behaviour after reading the difference:
//   bazel run //tests/raft/core:protocol_script_test -- --rewrite
#include "tests/raft/core/protocol_script.h"

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace blixard::raft {
namespace {

constexpr char kFolder[] = "tests/raft/core/testdata";
bool rewrite = false;

std::vector<std::string> ScriptNames() {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    if (file.path().extension() == ".txt") names.push_back(file.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Beside the sources, not beside the test.
void WriteSource(const std::string& name, const std::string& text) {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  CHECK(workspace != nullptr) << "--rewrite works under `bazel run` only";
  std::ofstream(std::filesystem::path(workspace) / kFolder / (name + ".txt")) << text;
}

class ProtocolScriptTest : public testing::TestWithParam<std::string> {};

TEST_P(ProtocolScriptTest, HappensAsWritten) {
  const std::string script = ReadFile(std::filesystem::path(kFolder) / (GetParam() + ".txt"));
  const std::string happened = RunScript(script);
  if (rewrite && happened != script) return WriteSource(GetParam(), happened);
  EXPECT_EQ(happened, script);
}

INSTANTIATE_TEST_SUITE_P(All, ProtocolScriptTest, testing::ValuesIn(ScriptNames()),
                         [](const auto& info) { return info.param; });

}  // namespace

void SetRewrite(bool value) { rewrite = value; }

}  // namespace blixard::raft

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  blixard::raft::SetRewrite(argc > 1 && absl::string_view(argv[1]) == "--rewrite");
  return RUN_ALL_TESTS();
}
