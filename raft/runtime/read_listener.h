// A linearizable read, as its asker sees it.
#ifndef BLIXARD_RAFT_RUNTIME_READ_LISTENER_H_
#define BLIXARD_RAFT_RUNTIME_READ_LISTENER_H_

#include <cstdint>

#include "raft/core/types.h"

namespace blixard::raft {

enum class ReadEnd : uint8_t {
  kReady,    // the state machine holds everything that was committed when the read was asked for
  kRefused,  // no leader confirmed it in time: ask again, here or elsewhere
};

class ReadListener {
 public:
  virtual ~ReadListener() = default;
  // Called once for each accepted read, from a thread of the replica: must not block nor call the
  // replica's Stop. With kReady the state machine has applied `index` and whatever it answers from
  // now on is linearizable for this read.
  virtual void OnReadEnd(uint64_t token, ReadEnd end, LogIndex index) = 0;
};

// One read that waits. `token` is the asker's own, to tell its reads apart.
struct ReadRequest {
  ReadListener* listener = nullptr;  // not owned; outlives the read
  uint64_t token = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_RUNTIME_READ_LISTENER_H_
