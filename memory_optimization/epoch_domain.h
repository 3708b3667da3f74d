// Puts off the release of what readers without locks may still be looking at.
//
//   EpochDomain domain;                       // reader:  { EpochGuard guard(domain); look around;
//   } unlink(node); domain.Retire(node);        // writer: released once no guard is older
#ifndef BLIXARD_MEMORY_OPTIMIZATION_EPOCH_DOMAIN_H_
#define BLIXARD_MEMORY_OPTIMIZATION_EPOCH_DOMAIN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "memory_optimization/atomics.h"
#include "memory_optimization/epoch_counters.h"

namespace blixard::memory {

// A part of what is to be retired, so that retiring allocates nothing and cannot fail. `release` is
// called once, from whichever thread collects, without the domain's lock.
struct EpochRetired {
  void (*release)(EpochRetired* self) = nullptr;
  EpochRetired* next = nullptr;  // the domain's
};

// Thread-safe. A guard that stays open holds back everything that is retired meanwhile: keep guards
// short. The domain must outlive its guards (CHECKed); its destructor releases what is left.
class EpochDomain {
 public:
  EpochDomain() = default;
  ~EpochDomain();
  EpochDomain(const EpochDomain&) = delete;
  EpochDomain& operator=(const EpochDomain&) = delete;

  // `retired` can no longer be reached by guards opened from now on. Now and then collects.
  void Retire(EpochRetired* retired);

  // Releases what no guard can still see; returns how many. What was retired just now takes two
  // calls without guards open.
  size_t Collect();

  // Retired and not yet released.
  size_t waiting() const;

 private:
  friend class EpochGuard;
  using Counters = internal::EpochCounters<MachineAtomics>;
  static constexpr size_t kCollectEvery = 32;

  static size_t StripeOfThread();
  static size_t ReleaseAll(EpochRetired* list);
  EpochRetired* TakeReleasable();

  Counters counters_;
  mutable std::mutex mutex_;
  std::array<EpochRetired*, 3> retired_{};  // by epoch, modulo 3
  size_t waiting_ = 0;
  size_t since_collect_ = 0;
};

// While it is open, nothing that could be reached when it was opened is released. Costs two atomic
// additions, as a rule on a cache line no other thread writes. May be closed on another thread.
class [[nodiscard]] EpochGuard {
 public:
  explicit EpochGuard(EpochDomain& domain)
      : readers_(domain.counters_.Enter(EpochDomain::StripeOfThread())) {}
  ~EpochGuard() { EpochDomain::Counters::Leave(readers_); }
  EpochGuard(const EpochGuard&) = delete;
  EpochGuard& operator=(const EpochGuard&) = delete;

 private:
  EpochDomain::Counters::Counter* readers_;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_EPOCH_DOMAIN_H_
