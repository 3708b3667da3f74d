// When to look for events again and again rather than to sleep until one comes.
#ifndef BLIXARD_RPC_TRANSPORT_SPIN_BUDGET_H_
#define BLIXARD_RPC_TRANSPORT_SPIN_BUDGET_H_

#include <chrono>
#include <cstdint>

namespace blixard::rpc {

// A processor that fell asleep takes 20-25 us to wake, which is more than all the work on a lone
// message. Looking instead costs processor time, so it is done only where the last waits were all
// short, as between the messages of a lone proposal, and only while nothing else wants the
// processor: after that was the case, it is tried less and less often. (The halt polling of KVM
// grows and shrinks its time by the same signs.) Knows no clock; used by one thread.
class SpinBudget {
 public:
  // This many short waits in a row come first.
  static constexpr uint32_t kShortWaits = 4;
  // How many waits it stays away after the processor was wanted; doubles from time to time.
  static constexpr uint32_t kMinPause = 16;
  static constexpr uint32_t kMaxPause = 4096;

  // `limit`: how long one wait may look for; zero: never.
  explicit SpinBudget(std::chrono::nanoseconds limit) : limit_(limit) {}

  // Once per wait: how long it may look for. One of the next three must follow unless it is zero.
  std::chrono::nanoseconds Next();
  void Found();    // events, while looking
  void Missed();   // nothing, in all that time
  void Crowded();  // something else wanted the processor

  // The wait went to sleep, for this long.
  void Slept(std::chrono::nanoseconds time);

 private:
  const std::chrono::nanoseconds limit_;
  uint32_t short_waits_ = 0;  // in a row
  uint32_t pause_ = kMinPause;
  uint32_t pause_left_ = 0;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_SPIN_BUDGET_H_
