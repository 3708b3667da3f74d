// A network for the messages of snapshot transfers: as bytes, late, doubled, out of order or not at
// all.
#ifndef BLIXARD_TESTS_RAFT_STORAGE_LOSSY_LINK_H_
#define BLIXARD_TESTS_RAFT_STORAGE_LOSSY_LINK_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "memory_optimization/buffer_pool.h"
#include "raft/storage/snapshot_transfer_codec.h"

namespace blixard::raft {

struct LinkFaults {
  uint64_t loss_percent = 0;
  uint64_t double_percent = 0;
  uint64_t max_delay_ticks = 0;
};

// One direction. Deterministic by its seed.
template <class Message>
class LossyLink {
 public:
  LossyLink(uint64_t seed, const LinkFaults& faults) : random_(seed), faults_(faults) {}

  void Send(const Message& message) {
    if (random_() % 100 < faults_.loss_percent) return;
    const int copies = random_() % 100 < faults_.double_percent ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
      std::string frame;
      Encode(message, frame);
      const uint64_t delay = random_() % (faults_.max_delay_ticks + 1);
      on_the_way_.emplace(now_ + delay, std::move(frame));
    }
  }

  // What has arrived by now, in the order of its arrival.
  std::vector<Message> Receive() {
    std::vector<Message> arrived;
    while (!on_the_way_.empty() && on_the_way_.begin()->first <= now_) {
      arrived.push_back(Decoded(on_the_way_.begin()->second));
      on_the_way_.erase(on_the_way_.begin());
    }
    return arrived;
  }

  void Tick() { ++now_; }
  bool IsEmpty() const { return on_the_way_.empty(); }

 private:
  static Message Decoded(const std::string& frame) {
    Message message;
    if constexpr (requires { message.data; }) {
      EXPECT_EQ(Decode(frame, memory::BufferPool::Default(), message).value(), frame.size());
    } else {
      EXPECT_EQ(Decode(frame, message).value(), frame.size());
    }
    return message;
  }

  std::mt19937_64 random_;
  const LinkFaults faults_;
  uint64_t now_ = 0;
  std::multimap<uint64_t, std::string> on_the_way_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_RAFT_STORAGE_LOSSY_LINK_H_
