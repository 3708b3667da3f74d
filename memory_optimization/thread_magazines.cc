#include <array>
#include <bit>
#include <mutex>

#include "memory_optimization/magazine.h"
#include "memory_optimization/magazine_depot.h"

namespace blixard::memory::internal {

constinit Magazine nobodys_magazine;

[[gnu::tls_model("initial-exec")]] constinit thread_local std::array<Magazine*, kLookupEntries>
    this_thread_lookup = [] {
      std::array<Magazine*, kLookupEntries> nobodys{};
      nobodys.fill(&nobodys_magazine);
      return nobodys;
    }();

namespace {

// Orders the death of depots with the exit of threads. Taken before any depot's mutex.
constinit std::mutex lifetime_mutex;

// Under lifetime_mutex. A set bit is an entry in use.
constinit std::array<uint64_t, kLookupEntries / 64> used_entries = {1};

// Under lifetime_mutex, because a dying depot takes its magazines out.
constinit thread_local Magazine* this_thread_magazines = nullptr;
// Set by the janitor: destructors that run after it still may use pools.
constinit thread_local bool this_thread_has_left = false;

void Link(Magazine* magazine, Magazine** head) {
  magazine->next_of_thread = *head;
  magazine->link_of_thread = head;
  if (*head != nullptr) (*head)->link_of_thread = &magazine->next_of_thread;
  *head = magazine;
}

void Unlink(Magazine* magazine) {
  *magazine->entry = &nobodys_magazine;
  magazine->entry = nullptr;
  *magazine->link_of_thread = magazine->next_of_thread;
  if (magazine->next_of_thread != nullptr) {
    magazine->next_of_thread->link_of_thread = magazine->link_of_thread;
  }
}

}  // namespace

size_t ThreadMagazines::ClaimEntry() {
  const std::lock_guard lock(lifetime_mutex);
  for (size_t i = 0; i < used_entries.size(); ++i) {
    const int bit = std::countr_one(used_entries[i]);
    if (bit == 64) continue;
    used_entries[i] |= uint64_t{1} << bit;
    return 64 * i + static_cast<size_t>(bit);
  }
  return 0;
}

void ThreadMagazines::ReleaseEntry(size_t index, Magazine* first_of_depot) {
  const std::lock_guard lock(lifetime_mutex);
  for (Magazine* m = first_of_depot; m != nullptr; m = m->next_of_depot) {
    if (m->entry != nullptr) Unlink(m);
  }
  if (index != 0) used_entries[index / 64] &= ~(uint64_t{1} << (index % 64));
}

Magazine* ThreadMagazines::FindOrRegister(MagazineDepot& depot) {
  if (!depot.has_magazines() || this_thread_has_left) return nullptr;
  if (Magazine* own = depot.FindOwnMagazine(); own->depot == &depot) return own;
  ArmJanitor();
  const std::lock_guard lock(lifetime_mutex);
  if (Magazine* magazine = Find(depot); magazine != nullptr) return magazine;
  Magazine* magazine = depot.Register();
  if (magazine == nullptr) return nullptr;
  Link(magazine, &this_thread_magazines);
  magazine->entry = depot.has_entry() ? &depot.Entry() : &magazine->no_entry;
  *magazine->entry = magazine;
  return magazine;
}

// For depots without an entry of their own.
Magazine* ThreadMagazines::Find(const MagazineDepot& depot) {
  if (depot.has_entry()) return nullptr;
  Magazine* magazine = this_thread_magazines;
  while (magazine != nullptr && magazine->depot != &depot) magazine = magazine->next_of_thread;
  return magazine;
}

void ThreadMagazines::ArmJanitor() {
  struct Janitor {
    ~Janitor() { LeaveAll(); }
    bool armed = false;
  };
  thread_local Janitor janitor;
  janitor.armed = true;
}

void ThreadMagazines::LeaveAll() {
  this_thread_has_left = true;
  const std::lock_guard lock(lifetime_mutex);
  while (Magazine* magazine = this_thread_magazines) {
    Unlink(magazine);
    magazine->depot->Unregister(magazine);
  }
}

}  // namespace blixard::memory::internal
