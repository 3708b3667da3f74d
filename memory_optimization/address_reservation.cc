#include "memory_optimization/address_reservation.h"

#include <sys/mman.h>

#include <algorithm>

namespace blixard::memory {
namespace {

// A call of the kernel per step; untouched pages of it take no memory.
constexpr size_t kStepBytes = size_t{256} << 10;

constexpr size_t RoundUp(size_t bytes, size_t step) { return (bytes + step - 1) / step * step; }

}  // namespace

AddressReservation::AddressReservation(size_t bytes) {
  const size_t whole = RoundUp(bytes, kPageBytes);
  // PROT_NONE costs no commit charge, whatever the overcommit setting.
  void* base = mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return;
  base_ = static_cast<char*>(base);
  bytes_ = whole;
}

AddressReservation::~AddressReservation() {
  if (base_ != nullptr) munmap(base_, bytes_);
}

bool AddressReservation::Grow(size_t bytes) {
  if (bytes <= usable_) return true;
  if (bytes > bytes_) return false;
  const size_t wanted = std::min(bytes_, RoundUp(bytes, kStepBytes));
  if (mprotect(base_ + usable_, wanted - usable_, PROT_READ | PROT_WRITE) != 0) return false;
  usable_ = wanted;
  return true;
}

}  // namespace blixard::memory
