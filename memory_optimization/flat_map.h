// Hash tables without a node per element, under a hash that has no bad keys.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_FLAT_MAP_H_
#define BLIXARD_MEMORY_OPTIMIZATION_FLAT_MAP_H_

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "memory_optimization/flat_hash.h"
#include "memory_optimization/guarded_table.h"

namespace blixard::memory {

// absl::flat_hash_map with FlatHash, whose growth survives std::bad_alloc (guarded_table.h).
// Elements move when the table grows: keep no pointers to them (StableList, Slab). Tables of text
// keys are asked with any text type, without building a std::string. The order of elements differs
// from run to run: it must never enter a log or a digest. Where memory must not run out later,
// reserve at the start.
template <class Key, class Value>
class FlatMap : public internal::GuardedTable<
                    absl::flat_hash_map<Key, Value, FlatHash<Key>, FlatEqual<Key>>> {
  using Base =
      internal::GuardedTable<absl::flat_hash_map<Key, Value, FlatHash<Key>, FlatEqual<Key>>>;

 public:
  using Base::Base;
  using mapped_type = Value;
};

template <class Key>
class FlatSet
    : public internal::GuardedTable<absl::flat_hash_set<Key, FlatHash<Key>, FlatEqual<Key>>> {
  using Base = internal::GuardedTable<absl::flat_hash_set<Key, FlatHash<Key>, FlatEqual<Key>>>;

 public:
  using Base::Base;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_FLAT_MAP_H_
