// What client sessions add to a request, and to taking a snapshot when they are at their bounds.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bench/rows.h"
#include "raft/core/types.h"
#include "raft/runtime/session_request.h"
#include "raft/runtime/session_table.h"

namespace blixard::bench {
namespace {

using raft::ClientId;
using raft::LogIndex;
using raft::RequestId;
using raft::SessionTable;

// Every session the table has room for.
std::vector<ClientId> RegisterAll(SessionTable& table) {
  std::vector<ClientId> clients;
  for (uint32_t i = 0; i < table.options().max_sessions; ++i) {
    clients.push_back(table.Register(LogIndex{1}));
  }
  return clients;
}

// A new request of each client in turn, its outcome remembered.
void BM_SessionNewRequest(benchmark::State& state) {
  SessionTable table({});
  const std::vector<ClientId> clients = RegisterAll(table);
  const std::string outcome(32, 'o');
  uint64_t request = 0;
  for (auto _ : state) {
    const RequestId id{.client = clients[request % clients.size()],
                       .sequence = {1 + request / clients.size()}};
    benchmark::DoNotOptimize(table.Admit(id, LogIndex{++request}));
    table.Remember(id, outcome);
  }
}
BENCHMARK(BM_SessionNewRequest);

void BM_SessionRepeatedRequest(benchmark::State& state) {
  SessionTable table({});
  const std::vector<ClientId> clients = RegisterAll(table);
  for (ClientId client : clients) {
    table.Admit({.client = client, .sequence = {1}}, LogIndex{1});
    table.Remember({.client = client, .sequence = {1}}, "outcome");
  }
  uint64_t request = 0;
  for (auto _ : state) {
    const RequestId id{.client = clients[request % clients.size()], .sequence = {1}};
    benchmark::DoNotOptimize(table.Admit(id, LogIndex{++request}));
    benchmark::DoNotOptimize(table.FindOutcome(id));
  }
}
BENCHMARK(BM_SessionRepeatedRequest);

// The part of Freeze during which apply waits: every session, every window and every byte in use.
void BM_SessionEncodeFull(benchmark::State& state) {
  SessionTable table({});
  const raft::SessionTableOptions& options = table.options();
  const std::string outcome(options.outcome_bytes / options.max_sessions / options.window, 'o');
  for (ClientId client : RegisterAll(table)) {
    for (uint64_t sequence = 1; sequence <= options.window; ++sequence) {
      const RequestId id{.client = client, .sequence = {sequence}};
      table.Admit(id, LogIndex{1});
      table.Remember(id, outcome);
    }
  }
  for (auto _ : state) benchmark::DoNotOptimize(table.Encode());
}
BENCHMARK(BM_SessionEncodeFull);

const bool kRows = Promise(
    {{.subject = "sessions: a new request among 4096 clients", .benchmark = "BM_SessionNewRequest"},
     {.subject = "sessions: a repeated request among 4096 clients",
      .benchmark = "BM_SessionRepeatedRequest"},
     {.subject = "sessions: encode the table at its default bounds",
      .benchmark = "BM_SessionEncodeFull"}});

}  // namespace
}  // namespace blixard::bench
