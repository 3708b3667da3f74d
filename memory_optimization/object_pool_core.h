// The part of an object pool that lasts as long as anything needs it: the pool itself, guards in
// the owned form, objects that outlived a pool that adopts them.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_OBJECT_POOL_CORE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_OBJECT_POOL_CORE_H_

#include <glog/logging.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "memory_optimization/adopted_pools.h"
#include "memory_optimization/call_site.h"
#include "memory_optimization/magazine.h"
#include "memory_optimization/magazine_depot.h"
#include "memory_optimization/memory_annotations.h"
#include "memory_optimization/object_record.h"
#include "memory_optimization/pool_checks.h"
#include "memory_optimization/pool_config.h"
#include "memory_optimization/pool_registry.h"

namespace blixard::memory::internal {

template <class T, class Policy>
class ObjectPoolCore final : public PoolStatsSource, public AdoptedPool {
 public:
  using Site = CallSite;

  // An object and whose magazine it goes back to. Released by the thread of that magazine, it needs
  // no look at the pool.
  struct Taken {
    T* object = nullptr;
    Magazine* magazine = nullptr;
  };

  ObjectPoolCore(std::string_view name, const PoolConfig& config)
      : name_(name),
        config_(Checked(name, config)),
        is_recorded_(kCheckedPools || config.record_call_sites || MemoryToolWatches()),
        depot_(DepotOptions()) {
    if (is_recorded_) AnnouncePool(this);
  }
  ~ObjectPoolCore() override {
    if (is_recorded_) RetirePool(this);
  }

  // `key` is the depot's. Null: AcquireFromDepot.
  [[gnu::always_inline]] static Taken TryAcquire(const MagazineKey& key,
                                                 [[maybe_unused]] Site site) {
    Magazine* own = key.Entry();
    T* object = static_cast<T*>(own->slots.TryTake());
    if constexpr (kCheckedPools) {
      if (object != nullptr) RecordOf(object)->NoteLive(site);
    }
    return {.object = object, .magazine = own};
  }
  Taken AcquireFromDepot(Site site) {
    const MagazineDepot::Grant grant = depot_.TakeFromDepot(site);
    if (grant.is_empty()) return {};
    T* object = grant.may_build ? BuildGranted() : static_cast<T*>(grant.item);
    if (is_recorded_) RecordOf(object)->NoteLive(site);
    return {.object = object, .magazine = depot_.FindOwnMagazine()};
  }
  const MagazineKey& key() const { return depot_.key(); }

  // From a guard on any thread, not in checked builds.
  static void Release(Taken taken) noexcept {
    if (!taken.magazine->IsOfThisThread()) [[unlikely]]
      return ReleaseElsewhere(taken);
    ObjectHeader* header = HeaderOf(taken.object);
    if (header->state.load(std::memory_order_relaxed) != ObjectState::kGuarded) [[unlikely]]
      return ReportBadRelease(header, taken.object);
    if (!Reset(taken.object)) [[unlikely]]
      return CoreOf(header)->depot_.Discard(taken.object);
    if (!taken.magazine->slots.TryPut(taken.object)) [[unlikely]]
      CoreOf(header)->depot_.PutIntoDepot(taken.object);
  }
  // The same on other threads than the magazine's.
  [[gnu::noinline]] static void ReleaseElsewhere(Taken taken) noexcept {
    ObjectHeader* header = HeaderOf(taken.object);
    ObjectPoolCore* core = CoreOf(header);
    if (core->is_recorded_) [[unlikely]]
      return ReleaseWithCare(taken, 0, nullptr);
    if (header->state.load(std::memory_order_relaxed) != ObjectState::kGuarded) [[unlikely]]
      return ReportBadRelease(header, taken.object);
    if (!Reset(taken.object)) [[unlikely]]
      return core->depot_.Discard(taken.object);
    core->Return(taken);
  }
  // The same for recorded pools. `generation` is the guard's, 0 where guards
  // carry none; `released_at` lies in the code that releases.
  [[gnu::noinline]] static void ReleaseWithCare(Taken taken, uint32_t generation,
                                                const void* released_at) noexcept {
    ObjectPoolCore* core = CoreOf(HeaderOf(taken.object));
    if (!RecordOf(taken.object)->NoteReturn(generation, released_at)) return;
    const bool is_reset = Reset(taken.object);
    RecordOf(taken.object)->Bury();
    if (!is_reset) return core->depot_.Discard(taken.object);
    core->Return(taken);
  }

  // False: it was not under a guard, which was reported.
  static bool Detach(T* object, uint32_t generation) {
    ObjectHeader* header = HeaderOf(object);
    if constexpr (kCheckedPools) {
      if (!IsCurrent(object, generation)) return false;
    }
    ObjectState state = header->state.load(std::memory_order_relaxed);
    if (state != ObjectState::kGuarded) {
      ReportBadRelease(header, object);
      return false;
    }
    header->state.store(ObjectState::kDetached, std::memory_order_relaxed);
    return true;
  }

  // Without object: it was not detached from this pool, which was reported.
  Taken Attach(T* object) {
    CHECK(object != nullptr) << "object pool \"" << name_ << "\": attach of nullptr";
    ObjectHeader* header = HeaderOf(object);
    if (header->pool != this) {
      ReportPoolMisuse({.misuse = PoolMisuse::kForeignObject, .pool = name_, .object = object});
      return {};
    }
    ObjectState state = ObjectState::kDetached;
    if (!header->state.compare_exchange_strong(state, ObjectState::kGuarded)) {
      ReportPoolMisuse(Describe(PoolMisuse::kNotDetached, object));
      return {};
    }
    return {.object = object, .magazine = depot_.FindOwnMagazine()};
  }

  // Checked builds: whether the guard of `generation` still owns the object; if not, that was
  // reported.
  static bool IsCurrent(T* object, uint32_t generation) {
    const ObjectRecord* record = RecordOf(object);
    if (record->generation() == generation) return true;
    ReportPoolMisuse(record->Describe(PoolMisuse::kUseAfterReturn));
    return false;
  }
  static uint32_t GenerationOf(T* object) {
    return kCheckedPools ? RecordOf(object)->generation() : 0;
  }

  void Warm(Site site) {
    while (depot_.CountItems() < config_.min_size) {
      depot_.CheckMayGrow(site);
      std::unique_ptr<T, Disposer> object(Build(), Disposer{this});
      if (is_recorded_) RecordOf(object.get())->Bury();
      if (!depot_.AddIdle(object.get(), config_.min_size)) break;  // max_retained_bytes
      object.release();
    }
  }

  std::string_view name() const override { return name_; }
  const PoolConfig& config() const { return config_; }
  void Seal(bool sealed) override { depot_.Seal(sealed); }
  size_t TrimIdle() override { return depot_.Trim(config_.min_size); }
  PoolStats Stats() const override {
    PoolStats stats = depot_.Stats();
    stats.live_bytes = stats.live * ObjectBytes();
    stats.idle_bytes = stats.idle * ObjectBytes();
    return stats;
  }
  bool HasLiveObjects() const override { return depot_.Stats().live > 0; }

  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  // The last one out decides what becomes of objects that are still out under plain guards.
  void Unref() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    const uint64_t live = depot_.Stats().live;
    if (live == 0) {
      delete this;
    } else {
      if (config_.on_leak != OnLeak::kAdopt) ReportLeak(live);
      AdoptPool(this);
    }
    ReclaimAdoptedPools();
  }

 private:
  static constexpr size_t kAlignment = std::max(alignof(T), alignof(std::max_align_t));

  struct Disposer {
    ObjectPoolCore* core;
    void operator()(T* object) const { Dispose(object, core); }
  };
  struct Memory {
    void operator()(void* memory) const {
      ::operator delete (memory, std::align_val_t{kAlignment});
    }
  };

  static constexpr size_t RoundUp(size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  // In front of the object: [record] header.
  static constexpr size_t kOffset = RoundUp(sizeof(ObjectHeader));
  static constexpr size_t kRecordedOffset = RoundUp(sizeof(ObjectHeader) + sizeof(ObjectRecord));

  static ObjectHeader* HeaderOf(void* object) { return static_cast<ObjectHeader*>(object) - 1; }
  // Of recorded pools only.
  static ObjectRecord* RecordOf(void* object) {
    return reinterpret_cast<ObjectRecord*>(static_cast<char*>(object) - kRecordedOffset);
  }
  static ObjectPoolCore* CoreOf(ObjectHeader* header) {
    return static_cast<ObjectPoolCore*>(header->pool);
  }

  static const PoolConfig& Checked(std::string_view name, const PoolConfig& config) {
    CHECK_GE(config.max_size, 1u) << "object pool \"" << name << "\": max_size";
    CHECK_LE(config.min_size, config.max_size) << "object pool \"" << name << "\": min_size";
    return config;
  }
  MagazineDepotOptions DepotOptions() {
    // Outside checked builds the fast path records nothing: without magazines there is none.
    const bool fast = kCheckedPools || !is_recorded_;
    return {.name = name_,
            .max_items = std::min(MagazineDepotOptions::kUnbounded, config_.max_size),
            .on_exhausted = config_.on_exhausted,
            .wait_at_most = config_.wait_at_most,
            .max_idle = MaxIdle(),
            .magazine_items = fast ? Magazine::kCapacity : 0,
            .dispose = &Dispose,
            .context = this};
  }
  size_t MaxIdle() const {
    const size_t by_bytes =
        std::min(MagazineDepotOptions::kUnbounded, config_.max_retained_bytes / ObjectBytes());
    if (config_.on_exhausted == OnExhausted::kGrow) return by_bytes;
    if (config_.on_exhausted == OnExhausted::kHeap) return std::min(by_bytes, config_.max_size);
    // What cannot exceed max_size is not bounded twice: magazines may hold all of it.
    return by_bytes < config_.max_size ? by_bytes : MagazineDepotOptions::kUnbounded;
  }
  size_t ObjectBytes() const {
    return is_recorded_ ? kRecordedOffset + 2 * sizeof(T) : kOffset + sizeof(T);
  }

  T* BuildGranted() {
    struct Leave {
      ~Leave() {
        if (depot != nullptr) depot->AbandonBuild();
      }
      MagazineDepot* depot;
    } leave{&depot_};
    T* object = Build();
    leave.depot = nullptr;
    return object;
  }
  T* Build() {
    std::unique_ptr<void, Memory> memory(
        ::operator new (ObjectBytes(), std::align_val_t{kAlignment}));
    char* place = static_cast<char*>(memory.get()) + (is_recorded_ ? kRecordedOffset : kOffset);
    T* object = new (place) T();
    auto* header = new (HeaderOf(object)) ObjectHeader{.pool = this};
    if (is_recorded_) {
      records_.Add(new (RecordOf(object)) ObjectRecord({.pool = this,
                                                        .pool_name = name_,
                                                        .header = header,
                                                        .object = object,
                                                        .aside = place + sizeof(T),
                                                        .bytes = sizeof(T)}));
    }
    memory.release();
    return object;
  }
  static void Dispose(void* item, void* context) {
    auto* core = static_cast<ObjectPoolCore*>(context);
    T* object = static_cast<T*>(item);
    char* memory = static_cast<char*>(item) - kOffset;
    if (core->is_recorded_) {
      RecordOf(object)->Exhume();
      core->records_.Remove(RecordOf(object));
      memory = static_cast<char*>(item) - kRecordedOffset;
    }
    object->~T();
    Memory{}(memory);
  }

  // False: the policy threw; the object cannot be handed out again.
  static bool Reset(T* object) {
    if constexpr (noexcept(Policy::Reset(*object))) {
      Policy::Reset(*object);
      return true;
    } else {
      try {
        Policy::Reset(*object);
        return true;
      } catch (...) {
        return false;
      }
    }
  }

  void Return(Taken taken) {
    const bool from_elsewhere =
        taken.magazine != &nobodys_magazine && taken.magazine != depot_.FindOwnMagazine();
    if (from_elsewhere) {
      depot_.PutFromElsewhere(taken.object);
    } else {
      depot_.Put(taken.object);
    }
  }

  PoolMisuseReport Describe(PoolMisuse misuse, T* object) const {
    if (is_recorded_) return RecordOf(object)->Describe(misuse);
    return {.misuse = misuse, .pool = name_, .object = object};
  }
  [[gnu::noinline]] static void ReportBadRelease(ObjectHeader* header, T* object) {
    const bool detached = header->state.load() == ObjectState::kDetached;
    ReportPoolMisuse(CoreOf(header)->Describe(
        detached ? PoolMisuse::kReleaseOfDetached : PoolMisuse::kDoubleRelease, object));
  }

  void ReportLeak(uint64_t live) const {
    try {
      const std::string sites = is_recorded_
                                    ? records_.DescribeLive()
                                    : "record_call_sites (pool_config.h) would tell who has them\n";
      CHECK(config_.on_leak != OnLeak::kAbort)
          << "object pool \"" << name_ << "\" destroyed with " << live << " objects out\n"
          << sites;
      LOG(ERROR) << "object pool \"" << name_ << "\" destroyed with " << live << " objects out\n"
                 << sites;
    } catch (const std::bad_alloc&) {  // no memory to say so in
    }
  }

  const std::string name_;
  const PoolConfig config_;
  const bool is_recorded_;
  ObjectRecords records_;
  std::atomic<size_t> references_ = 1;
  MagazineDepot depot_;
  PoolRegistration registration_{this};  // last: see PoolRegistration
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_OBJECT_POOL_CORE_H_
