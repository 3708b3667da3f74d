// Clients of examples/raft_kv that ask at random and write down what they were told: a load to try
// it with, and histories for tests.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "examples/raft_kv/client/random_clients.h"
#include "examples/raft_kv/client/remote_replica.h"

namespace blixard::example {
namespace {

enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kNoAnswer = 3 };

struct Flags {
  std::vector<std::string> replicas;
  RandomClientsOptions options;
  double seconds = 5;
  double patience = 10;
  std::string history;
};

int Fail(ExitCode code, const std::string& why) {
  std::cerr << "raft_kv_client: " << why << "\n";
  return code;
}

// Without a file for it the history goes nowhere.
int Run(const Flags& flags) {
  std::vector<std::unique_ptr<RemoteReplica>> replicas;
  std::vector<AskReplica> asks;
  for (const std::string& address : flags.replicas) {
    replicas.push_back(std::make_unique<RemoteReplica>(address));
    asks.push_back([remote = replicas.back().get()](const Request& r) { return remote->Ask(r); });
  }
  std::ofstream history;
  if (!flags.history.empty()) history.open(flags.history);
  if (!history) return Fail(kUsage, "--history: cannot write " + flags.history);
  RandomClientsOptions options = flags.options;
  options.time = absl::Seconds(flags.seconds);
  options.patience = absl::Seconds(flags.patience);
  const RandomClientsResult result = RunRandomClients(options, asks, history);
  std::cout << result.ok << " ok, " << result.failed << " failed, " << result.unknown
            << " unknown\n";
  if (!result.first_trouble.empty())
    std::cout << "the first not ok: " << result.first_trouble << "\n";
  history.close();
  if (!flags.history.empty() && !history) return Fail(kFailed, "--history: not written");
  return result.ok == 0 ? kNoAnswer : kDone;
}

void AddFlags(CLI::App& app, Flags& flags) {
  app.add_option("--replicas", flags.replicas, "HOST:PORT where each serves clients, commas")
      ->required()
      ->delimiter(',');
  app.add_option("--clients", flags.options.clients, "How many ask at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--keys", flags.options.keys, "How many keys they share")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--seconds", flags.seconds, "How long they go on")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1e6));
  app.add_option("--patience", flags.patience, "Seconds until an operation is given up")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1e6));
  app.add_option("--seed", flags.options.seed, "What they ask follows from it")
      ->capture_default_str();
  app.add_option("--history", flags.history,
                 "File for what they did and were told, one JSON object per line");
  app.footer(
      "Example, with three replicas in one process:\n"
      "  mkdir kv\n"
      "  raft_kv --directory kv/replica --clients 127.0.0.1:7201 127.0.0.1:7202 127.0.0.1:7203 &\n"
      "  raft_kv_client --replicas 127.0.0.1:7201,127.0.0.1:7202,127.0.0.1:7203 \\\n"
      "      --clients 4 --seconds 5 --history history.jsonl\n"
      "Exit codes: 0 done; 1 the history was not written; 2 wrong usage; 3 no answer.");
}

}  // namespace
}  // namespace blixard::example

int main(int argc, char** argv) {
  blixard::example::Flags flags;
  CLI::App app("Random clients of a replicated map", "raft_kv_client");
  blixard::example::AddFlags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // how CLI11 says "wrong usage" and "help was asked for"
    return app.exit(error) == 0 ? 0 : blixard::example::kUsage;
  }
  return blixard::example::Run(flags);
}
