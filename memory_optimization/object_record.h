// What a pool knows about one of its objects: a header in front of every one, and in recorded pools
// (pool_checks.h) a record in front of that.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_OBJECT_RECORD_H_
#define BLIXARD_MEMORY_OPTIMIZATION_OBJECT_RECORD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "memory_optimization/call_site.h"
#include "memory_optimization/pool_checks.h"

namespace blixard::memory::internal {

// Odd patterns, so that stray memory is not taken for a header.
enum class ObjectState : uint64_t {
  kIdle = 0x626c69785f69646c,  // told apart in recorded pools only
  kGuarded = 0x626c69785f677264,
  kDetached = 0x626c69785f646574,
};

// Right in front of every object. An object that goes from guard to idle and back leaves it alone
// outside recorded pools: the line stays shared when objects travel between processors.
struct ObjectHeader {
  void* pool = nullptr;  // the core it belongs to; constant
  std::atomic<ObjectState> state = ObjectState::kGuarded;
};
static_assert(sizeof(ObjectHeader) == 16);

// Idle objects are moved aside, byte by byte, and their place is filled with a pattern: a write to
// one is found when it is handed out, and a read sees nothing that looks right.
class ObjectRecord {
 public:
  struct Place {
    const void* pool;
    std::string_view pool_name;
    ObjectHeader* header;
    void* object;
    void* aside;   // as large as the object
    size_t bytes;  // of the object
  };
  explicit ObjectRecord(const Place& place) : place_(place) {}

  // Which use of the object this is: told to its guard, advanced when it comes back.
  uint32_t generation() const { return generation_.load(std::memory_order_relaxed); }
  bool is_live() const { return place_.header->state.load() != ObjectState::kIdle; }
  const CallSite& acquired_at() const { return acquired_at_; }

  // The object, idle or just built, is handed out under a guard.
  void NoteLive(CallSite site);
  // The guard of `generation` gives the object back. False: it is not the one to do so, which was
  // reported. True: the caller resets the object, then buries it.
  bool NoteReturn(uint32_t generation, const void* released_at);
  void Bury();
  // The object is idle and will be destroyed: makes it accessible.
  void Exhume();
  PoolMisuseReport Describe(PoolMisuse misuse) const;

 private:
  friend class ObjectRecords;

  bool IsPatternWhole() const;

  const Place place_;
  std::atomic<uint32_t> generation_ = 1;
  bool buried_ = false;
  CallSite acquired_at_ = {};
  const void* released_at_ = nullptr;
  ObjectRecord* next_ = nullptr;  // of ObjectRecords
  ObjectRecord** link_ = nullptr;
};

// All objects of a recorded pool. Thread-safe.
class ObjectRecords {
 public:
  void Add(ObjectRecord* record);
  void Remove(ObjectRecord* record);
  // "2 acquired at file:line (function)\n" for each call site of objects that are out.
  std::string DescribeLive() const;

 private:
  mutable std::mutex mutex_;
  ObjectRecord* first_ = nullptr;
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_OBJECT_RECORD_H_
