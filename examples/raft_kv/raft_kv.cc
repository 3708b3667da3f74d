// A replicated map from text to text: raft, embedded. key_value_map and key_value_replica are what
// embedding takes; the rest puts it on a network and asks it questions.
#include <glog/logging.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "examples/raft_kv/key_value_replica.h"
#include "examples/raft_kv/local_group.h"
#include "examples/raft_kv/random_clients.h"
#include "examples/raft_kv/remote_replica.h"
#include "examples/raft_kv/serve.h"
#include "raft/core/types.h"

namespace blixard::example {
namespace {

enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kNoAnswer = 3 };

int Fail(const absl::Status& status) {
  std::cerr << "raft_kv: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? kUsage : kFailed;
}

struct ClientFlags {
  RandomClientsOptions options;
  double seconds = 5;
  double patience = 10;
  std::string history;
};

// Without a file for it the history goes nowhere.
int RunClients(const ClientFlags& flags, const std::vector<AskReplica>& replicas) {
  std::ofstream history;
  if (!flags.history.empty()) history.open(flags.history);
  if (!history) return Fail(absl::InvalidArgumentError("--history: cannot write " + flags.history));
  RandomClientsOptions options = flags.options;
  options.time = absl::Seconds(flags.seconds);
  options.patience = absl::Seconds(flags.patience);
  const RandomClientsResult result = RunRandomClients(options, replicas, history);
  std::cout << result.ok << " ok, " << result.failed << " failed, " << result.unknown
            << " unknown\n";
  history.close();
  if (!flags.history.empty() && !history)
    return Fail(absl::DataLossError("--history: not written"));
  return result.ok == 0 ? kNoAnswer : kDone;
}

int AskLocally(const std::string& directory, const ClientFlags& flags) {
  LocalGroup group;
  if (absl::Status started = group.Start(directory); !started.ok()) return Fail(started);
  std::vector<AskReplica> asks;
  for (KeyValueReplica* const replica : group.replicas()) {
    asks.push_back([replica](const Request& request) { return replica->Ask(request); });
  }
  return RunClients(flags, asks);
}

int AskOthers(const std::vector<std::string>& addresses, const ClientFlags& flags) {
  std::vector<std::unique_ptr<RemoteReplica>> replicas;
  std::vector<AskReplica> asks;
  for (const std::string& address : addresses) {
    replicas.push_back(std::make_unique<RemoteReplica>(address));
    asks.push_back([remote = replicas.back().get()](const Request& r) { return remote->Ask(r); });
  }
  return RunClients(flags, asks);
}

absl::Status ReadPeers(const std::vector<std::string>& texts, ServeOptions& options) {
  for (const std::string& text : texts) {
    const std::pair<std::string, std::string> peer = absl::StrSplit(text, absl::MaxSplits('=', 1));
    uint64_t id = 0;
    if (!absl::SimpleAtoi(peer.first, &id) || id == 0 || peer.second.empty()) {
      return absl::InvalidArgumentError("--peers: want ID=HOST:PORT, got " + text);
    }
    options.peers[raft::ReplicaId{id}] = peer.second;
  }
  return absl::OkStatus();
}

void AddClientFlags(CLI::App* command, ClientFlags& flags) {
  command->add_option("--clients", flags.options.clients, "How many ask at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--keys", flags.options.keys, "How many keys they share")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--seconds", flags.seconds, "How long they go on")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1e6));
  command->add_option("--patience", flags.patience, "Seconds until an operation is given up")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1e6));
  command->add_option("--seed", flags.options.seed, "What they ask follows from it")
      ->capture_default_str();
  command->add_option("--history", flags.history,
                      "File for what they did and were told, one JSON object per line");
}

void AddLocal(CLI::App& app, int& code) {
  struct Flags {
    ClientFlags clients;
    std::string directory;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const local =
      app.add_subcommand("local", "Three replicas and clients, all in this process");
  local->add_option("--directory", flags->directory, "Where the replicas keep their data")
      ->required();
  AddClientFlags(local, flags->clients);
  local->callback([flags, &code] { code = AskLocally(flags->directory, flags->clients); });
}

void AddServe(CLI::App& app, int& code) {
  struct Flags {
    ServeOptions options;
    uint64_t id = 0;
    std::vector<std::string> peers;
  };
  auto flags = std::make_shared<Flags>();
  ServeOptions& options = flags->options;
  CLI::App* const serve = app.add_subcommand("serve", "One replica, until SIGTERM");
  serve->add_option("--id", flags->id, "This replica's, from 1")
      ->required()
      ->check(CLI::Range(1, 1'000'000));
  serve->add_option("--peers", flags->peers, "ID=HOST:PORT of every replica, commas between")
      ->required()
      ->delimiter(',');
  serve->add_option("--listen", options.clients, "HOST:PORT for clients")->required();
  serve->add_option("--directory", options.directory, "Of this replica alone")->required();
  serve->add_option("--network", options.network, "Between replicas: grpc or tcp")
      ->transform(CLI::CheckedTransformer(std::map<std::string, PeerNetwork>{
          {"grpc", PeerNetwork::kGrpc}, {"tcp", PeerNetwork::kTcp}}));
  serve->add_option("--snapshot-entries", options.snapshot_entries, "Entries between snapshots")
      ->capture_default_str();
  serve
      ->add_option("--retained-bytes", options.max_retained_bytes,
                   "Log kept behind a snapshot for peers that need it")
      ->capture_default_str();
  serve->callback([flags, &code] {
    flags->options.id = raft::ReplicaId{flags->id};
    absl::Status status = ReadPeers(flags->peers, flags->options);
    if (status.ok()) status = Serve(flags->options);
    if (!status.ok()) code = Fail(status);
  });
}

void AddClient(CLI::App& app, int& code) {
  struct Flags {
    ClientFlags clients;
    std::vector<std::string> replicas;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const client = app.add_subcommand("client", "Clients of replicas in other processes");
  client->add_option("--replicas", flags->replicas, "HOST:PORT where each serves clients, commas")
      ->required()
      ->delimiter(',');
  AddClientFlags(client, flags->clients);
  client->callback([flags, &code] { code = AskOthers(flags->replicas, flags->clients); });
}

}  // namespace
}  // namespace blixard::example

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  CLI::App app("A replicated map from text to text: an example of embedding raft", "raft_kv");
  app.require_subcommand(1);
  app.footer(
      "Examples: all in one process; then three processes and their clients:\n"
      "  raft_kv local --directory kv --seconds 2\n"
      "  PEERS=1=127.0.0.1:7101,2=127.0.0.1:7102,3=127.0.0.1:7103\n"
      "  raft_kv serve --id 1 --peers $PEERS --listen 127.0.0.1:7201 --directory kv1 &\n"
      "  raft_kv serve --id 2 --peers $PEERS --listen 127.0.0.1:7202 --directory kv2 &\n"
      "  raft_kv serve --id 3 --peers $PEERS --listen 127.0.0.1:7203 --directory kv3 &\n"
      "  raft_kv client --replicas 127.0.0.1:7201,127.0.0.1:7202,127.0.0.1:7203 \\\n"
      "      --clients 4 --seconds 5 --history history.jsonl\n"
      "Exit codes: 0 done; 1 failed (the disk, an address); 2 wrong usage; 3 no answer.");
  int code = 0;
  blixard::example::AddLocal(app, code);
  blixard::example::AddServe(app, code);
  blixard::example::AddClient(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // how CLI11 says "wrong usage" and "help was asked for"
    return app.exit(error) == 0 ? 0 : blixard::example::kUsage;
  }
  return code;
}
