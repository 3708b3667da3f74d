// What the placement service puts into entries and takes out of them: commands, requests, outcomes
// (scheduler/replicated).
#include <glog/logging.h>

#include <string>
#include <vector>

#include "memory_optimization/buffer_pool.h"
#include "scheduler/replicated/command.h"
#include "scheduler/replicated/outcome.h"
#include "scheduler/replicated/request.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/scheduler/replicated/sample_commands.h"

namespace blixard::fuzz {
namespace {

using scheduler::Command;

void DecodeCommands(absl::string_view bytes) {
  absl::StatusOr<scheduler::CommandReader> reader = scheduler::CommandReader::Open(bytes);
  if (!reader.ok()) return;
  memory::Buffer again = memory::BufferPool::Default().Acquire(bytes.size() + 64).value();
  scheduler::CommandWriter writer(again);
  while (reader->HasNext()) {
    const absl::StatusOr<Command> command = reader->Next();
    if (!command.ok()) return;
    CHECK(writer.Fits(*command)) << "a command grows";
    writer.Append(*command);
  }
  CHECK(again.view() == bytes) << "commands have two encodings";
}

void DecodeRequests(absl::string_view bytes) {
  const absl::StatusOr<scheduler::Request> request = scheduler::DecodeRequest(bytes);
  if (!request.ok()) return;
  std::string again;
  scheduler::EncodeRequest(*request, &again);
  CHECK(again == bytes) << "a request has two encodings";
}

void DecodeOutcomes(absl::string_view bytes) {
  const absl::StatusOr<scheduler::Outcome> outcome = scheduler::DecodeOutcome(bytes);
  if (!outcome.ok()) return;
  const auto again = scheduler::EncodeOutcome(*outcome);
  CHECK(absl::string_view(again.data(), again.size()) == bytes) << "two encodings: " << *outcome;
}

}  // namespace

void FuzzOne(absl::string_view bytes) {
  DecodeCommands(bytes);
  DecodeRequests(bytes);
  DecodeOutcomes(bytes);
}

std::vector<std::string> Seeds() {
  const memory::Buffer batch = scheduler::PayloadOf(
      {scheduler::RegisterNode(1, "n1"), scheduler::CreateVm(2, "a"),
       scheduler::CreateWithoutFit(3, "b"), scheduler::DeleteVm(4, "a"),
       scheduler::RemoveNode(5, "n1"), Command{},
       scheduler::CompareDigest({.index = {6}, .digest = {.high = 7, .low = 8}})});
  const auto outcome = scheduler::EncodeOutcome(
      {.code = scheduler::OutcomeCode::kOk, .node_id = scheduler::NodeId{1}});
  return {std::string(batch.view()), scheduler::RequestBytes(scheduler::RegisterNode(1, "n1")),
          scheduler::RequestBytes(scheduler::CreateVm(2, "a")),
          scheduler::RequestBytes(scheduler::DeleteVm(4, "a")),
          std::string(outcome.data(), outcome.size())};
}

}  // namespace blixard::fuzz
