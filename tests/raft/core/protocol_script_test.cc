// One test per file of testdata/. To accept new behaviour after reading the difference:
//   bazel run //tests/raft/core:protocol_script_test -- --rewrite
#include "tests/raft/core/protocol_script.h"

#include <memory>

#include "absl/strings/string_view.h"
#include "tests/raft/core/text_cases.h"

namespace blixard::raft {
namespace {

TextCaseRunner MakeScriptRunner() {
  const auto script = std::make_shared<ProtocolScript>();
  return [script](absl::string_view line) { return script->Run(line); };
}

}  // namespace
}  // namespace blixard::raft

int main(int argc, char** argv) {
  return blixard::raft::TextCasesMain(argc, argv,
                                      {{.suite = "ProtocolScript",
                                        .folder = "tests/raft/core/testdata",
                                        .make_runner = blixard::raft::MakeScriptRunner}});
}
