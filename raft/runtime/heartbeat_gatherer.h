// Lets the heartbeats of all groups of a process that fall due together travel together.
#ifndef BLIXARD_RAFT_RUNTIME_HEARTBEAT_GATHERER_H_
#define BLIXARD_RAFT_RUNTIME_HEARTBEAT_GATHERER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "raft/core/message.h"
#include "raft/core/types.h"
#include "raft/runtime/heartbeat_bundle.h"
#include "raft/runtime/transport.h"

namespace blixard::raft {

// The first heartbeat that comes opens a window; at its end everything that came within it leaves,
// one frame to each peer. A peer's frame that is full leaves at once. So nothing waits for longer
// than the window, and no more than max_bundle_bytes wait for each of kMaxPeers. Not thread-safe;
// without a clock. In steady state nothing is allocated.
class HeartbeatGatherer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  // Heartbeats to further peers travel alone.
  static constexpr size_t kMaxPeers = 64;

  struct Options {
    ReplicaId self = kNoReplica;
    Duration window{0};
    size_t max_bundle_bytes = 0;
  };
  struct Counters {
    uint64_t heartbeats = 0;  // gathered
    uint64_t replies = 0;     // gathered
    uint64_t bundles = 0;     // sent
  };

  // `wire` takes the frames; not owned.
  HeartbeatGatherer(const Options& options, Transport& wire) : options_(options), wire_(wire) {}

  // False: it is none that may wait, and is left to the caller.
  bool Add(const Message& message, TimePoint now);

  // When the window ends; nothing while none is open.
  std::optional<TimePoint> due() const { return due_; }

  // Ends the window.
  void Flush();

  const Counters& counters() const { return counters_; }

 private:
  HeartbeatBundle* BundleTo(ReplicaId peer);
  void Send(ReplicaId peer, HeartbeatBundle& bundle);

  const Options options_;
  Transport& wire_;
  std::map<ReplicaId, HeartbeatBundle> bundles_;
  std::optional<TimePoint> due_;
  Counters counters_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_HEARTBEAT_GATHERER_H_
