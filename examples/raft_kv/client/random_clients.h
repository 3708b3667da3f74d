// Clients that read, set and swap a few keys at random and write down what they were told: one JSON
// object per line, for any checker of linearizability:
//
//   {"client":1,"op":"cas","key":"k","value":"b","expected":"a","result":"a","call_ns":10,
//    "return_ns":25,"status":"ok"}
//
// (on one line). `result` of a read is the value read, of a cas the one that stood there: it
// swapped if that equals `expected`. null = absent, or nothing to say. `return_ns` is null while
// the outcome is unknown.
#ifndef BLIXARD_EXAMPLES_RAFT_KV_CLIENT_RANDOM_CLIENTS_H_
#define BLIXARD_EXAMPLES_RAFT_KV_CLIENT_RANDOM_CLIENTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "examples/raft_kv/key_value.pb.h"

namespace blixard::example {

// Asks one replica; called from several threads at once.
using AskReplica = std::function<Reply(const Request&)>;

struct RandomClientsOptions {
  size_t clients = 4;
  size_t keys = 5;  // new ones in each run, so that every history begins with none
  absl::Duration time = absl::Seconds(5);
  absl::Duration patience = absl::Seconds(10);  // until an operation that all refuse is given up
  uint64_t seed = 0;
};

// Operations by how they ended.
struct RandomClientsResult {
  uint64_t ok = 0;
  uint64_t failed = 0;
  uint64_t unknown = 0;
  std::string first_trouble;  // why the first that is not ok is not
};

// Lets the clients run for their time, each on a thread of its own with one operation at a time.
RandomClientsResult RunRandomClients(const RandomClientsOptions& options,
                                     const std::vector<AskReplica>& replicas,
                                     std::ostream& history);

}  // namespace blixard::example

#endif  // BLIXARD_EXAMPLES_RAFT_KV_CLIENT_RANDOM_CLIENTS_H_
