// Appends sent to one peer and not yet acknowledged: a window bounded in messages and in bytes.
#ifndef BLIXARD_RAFT_CORE_INFLIGHTS_H_
#define BLIXARD_RAFT_CORE_INFLIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "raft/core/types.h"

namespace blixard::raft {

struct InflightLimits {
  uint32_t max_messages = 0;
  size_t max_bytes = 0;  // reached or passed = full: one append may reach over it
};

// Not thread-safe. Allocates in the constructor only.
class Inflights {
 public:
  explicit Inflights(const InflightLimits& limits);

  // An append that ends at `last` was sent; `last` ascends from call to call. CHECKs !Full().
  void Add(LogIndex last, size_t bytes);

  // The peer has everything up to `index`: every append that ends there or before is done.
  void FreeUpTo(LogIndex index);

  void Clear();

  bool Full() const { return count_ == ring_.size() || bytes_ >= max_bytes_; }
  bool FullOfBytes() const { return bytes_ >= max_bytes_; }
  uint32_t count() const { return count_; }
  size_t bytes() const { return bytes_; }

 private:
  struct Sent {
    LogIndex last;
    size_t bytes = 0;
  };

  std::vector<Sent> ring_;
  size_t max_bytes_;
  uint32_t first_ = 0;
  uint32_t count_ = 0;
  size_t bytes_ = 0;
};

}  // namespace blixard::raft

#endif  // BLIXARD_RAFT_CORE_INFLIGHTS_H_
