// A range of addresses in which a structure grows in place: it is reserved whole, backed by memory
// piece by piece, and never moves, so that readers need neither locks nor a second look.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_ADDRESS_RESERVATION_H_
#define BLIXARD_MEMORY_OPTIMIZATION_ADDRESS_RESERVATION_H_

#include <cstddef>

namespace blixard::memory {

// Grow() needs a lock; reading what was grown does not.
class AddressReservation {
 public:
  static constexpr size_t kPageBytes = 4096;

  // Reserves `bytes`, rounded up to pages. Without address space it reserves nothing.
  explicit AddressReservation(size_t bytes);
  ~AddressReservation();
  AddressReservation(const AddressReservation&) = delete;
  AddressReservation& operator=(const AddressReservation&) = delete;

  char* base() const { return base_; }     // page-aligned; null if nothing could be reserved
  size_t bytes() const { return bytes_; }  // 0 if nothing could be reserved

  // Makes the first `bytes` readable and writable; new ones read as zero. False, with nothing
  // changed: beyond the reservation, or the kernel gives no memory.
  bool Grow(size_t bytes);

 private:
  char* base_ = nullptr;
  size_t bytes_ = 0;
  size_t usable_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_ADDRESS_RESERVATION_H_
