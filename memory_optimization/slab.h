// A table of objects under keys that it hands out itself, for what others refer to by number: calls
// in flight, watchers, timers. Finding is an index; a key whose object is gone finds nothing, even
// when its place was taken again.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_SLAB_H_
#define BLIXARD_MEMORY_OPTIMIZATION_SLAB_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace blixard::memory {

// Objects never move. Not thread-safe. Memory grows by chunks of about 4 KiB and is kept until
// destruction; places are used again, the last freed first.
//
// A place counts its uses (in Generation, two steps a use) and a key remembers the count. A place
// whose count is used up, after 2^31 uses, is never used again: no key ever finds a later object.
// What keys cannot tell is their slab: a key of another slab may find an object.
template <class T, class Generation = uint32_t>
class Slab {
  static_assert(std::is_unsigned_v<Generation> && sizeof(Generation) <= sizeof(uint32_t));

 public:
  // 8 bytes, trivially copyable. Default-constructed: finds nothing in any slab.
  class Key {
   public:
    constexpr Key() = default;
    // For carrying a key through an interface of plain numbers (epoll, gRPC tags). FromBits of any
    // number is safe to look up.
    constexpr uint64_t bits() const { return uint64_t{generation_} << 32 | index_; }
    static constexpr Key FromBits(uint64_t bits) {
      const uint32_t generation = static_cast<uint32_t>(bits >> 32);
      return Key({.index = static_cast<uint32_t>(bits), .generation = generation});
    }
    friend constexpr bool operator==(Key, Key) = default;
    template <class H>
    friend H AbslHashValue(H state, Key key) {
      return H::combine(std::move(state), key.bits());
    }

   private:
    friend class Slab;
    struct Parts {
      uint32_t index;
      uint32_t generation;
    };
    explicit constexpr Key(Parts parts) : index_(parts.index), generation_(parts.generation) {}

    uint32_t index_ = 0;
    uint32_t generation_ = 0;
  };

  // At most `max_size` objects at a time. Allocates nothing yet.
  explicit Slab(size_t max_size) : max_size_(std::min<size_t>(max_size, kNoPlace)) {}
  ~Slab() {
    while (!empty()) Clear();  // destructors may have added objects behind it
  }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // Builds an object in place. nullopt: `max_size` objects are there. When memory runs out or T's
  // constructor throws, that passes through and the slab is as before.
  template <class... Args>
  std::optional<Key> TryEmplace(Args&&... args) {
    if (size_ == max_size_ || !HavePlace()) return std::nullopt;
    PlaceTaken taken(*this);
    ::new (taken.place().storage) T(std::forward<Args>(args)...);
    return taken.Keep();
  }

  // nullptr: the object is gone, or never was. The pointer is good until the object is erased.
  T* Find(Key key) {
    Place* const place = FindPlace(key);
    return place == nullptr ? nullptr : &place->object();
  }
  const T* Find(Key key) const { return const_cast<Slab*>(this)->Find(key); }
  bool Contains(Key key) const { return Find(key) != nullptr; }

  // False: as Find. The key is stale before T's destructor runs, which may use the slab.
  bool Erase(Key key) {
    Place* const place = FindPlace(key);
    if (place == nullptr) return false;
    EraseAt(key.index_);
    return true;
  }

  // Moves the object out.
  std::optional<T> Take(Key key) {
    T* const object = Find(key);
    if (object == nullptr) return std::nullopt;
    std::optional<T> taken(std::move(*object));
    EraseAt(key.index_);
    return taken;
  }

  // Calls visit(Key, T&) for each object in the order of places. `visit` may erase any object;
  // whether one that it adds is visited too is open.
  template <class Visit>
  void ForEach(Visit&& visit) {
    for (uint32_t index = 0; index < used_places_; ++index) {
      Place& place = PlaceAt(index);
      if (IsTaken(place.generation)) visit(KeyAt(index), place.object());
    }
  }

  // Erases all objects; their keys find nothing from then on.
  void Clear() {
    for (uint32_t index = 0; index < used_places_; ++index) {
      if (IsTaken(PlaceAt(index).generation)) EraseAt(index);
    }
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t max_size() const { return max_size_; }
  size_t memory_bytes() const { return chunks_.size() * kChunkPlaces * sizeof(Place); }

 private:
  static constexpr uint32_t kNoPlace = UINT32_MAX;

  struct Place {
    Generation generation = 0;  // odd while an object is here
    uint32_t next_free = kNoPlace;
    alignas(T) std::byte storage[sizeof(T)];

    T& object() { return *std::launder(reinterpret_cast<T*>(storage)); }
  };
  static constexpr size_t kChunkPlaces =
      std::clamp<size_t>(std::bit_floor(4096 / sizeof(Place)), 16, 512);

  static bool IsTaken(uint32_t generation) { return generation % 2 == 1; }

  Place& PlaceAt(uint32_t index) { return chunks_[index / kChunkPlaces][index % kChunkPlaces]; }
  Key KeyAt(uint32_t index) {
    return Key({.index = index, .generation = PlaceAt(index).generation});
  }
  Place* FindPlace(Key key) {
    if (key.index_ >= used_places_ || !IsTaken(key.generation_)) return nullptr;
    Place& place = PlaceAt(key.index_);
    return place.generation == key.generation_ ? &place : nullptr;
  }

  // Makes `free_` name a place. False: all 2^32 indexes are used up.
  bool HavePlace() {
    if (free_ != kNoPlace) return true;
    if (used_places_ == kNoPlace) return false;
    if (used_places_ == chunks_.size() * kChunkPlaces) {
      auto chunk = std::make_unique_for_overwrite<Place[]>(kChunkPlaces);
      chunks_.push_back(std::move(chunk));
    }
    PushFree(used_places_++);
    return true;
  }
  void PushFree(uint32_t index) { PlaceAt(index).next_free = std::exchange(free_, index); }

  // Off the free list while T's constructor runs, which may itself add objects.
  class PlaceTaken {
   public:
    explicit PlaceTaken(Slab& slab) : slab_(slab), index_(slab.free_) {
      slab.free_ = place().next_free;
      ++slab.size_;
    }
    ~PlaceTaken() {
      if (kept_) return;
      slab_.PushFree(index_);
      --slab_.size_;
    }
    Place& place() { return slab_.PlaceAt(index_); }
    Key Keep() {
      ++place().generation;
      kept_ = true;
      return slab_.KeyAt(index_);
    }

   private:
    Slab& slab_;
    const uint32_t index_;
    bool kept_ = false;
  };

  void EraseAt(uint32_t index) {
    Place& place = PlaceAt(index);
    ++place.generation;
    --size_;
    place.object().~T();
    if (place.generation != 0) PushFree(index);  // 0: the count came round, the place retires
  }

  const size_t max_size_;
  std::vector<std::unique_ptr<Place[]>> chunks_;
  uint32_t used_places_ = 0;  // those beyond were never used
  uint32_t free_ = kNoPlace;
  size_t size_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_SLAB_H_
