// A string pool's place in the registry of pools.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_STRING_POOL_SOURCE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_STRING_POOL_SOURCE_H_

#include <cstddef>
#include <string_view>

#include "memory_optimization/pool_config.h"
#include "memory_optimization/pool_registry.h"
#include "memory_optimization/string_table.h"

namespace blixard::memory::internal {

// How a pool's texts are counted: those that somebody must give back are live, others idle.
enum class TextsAre { kLive, kIdle };

// Thread-safe. The table must outlive it.
class StringPoolSource final : public PoolStatsSource {
 public:
  StringPoolSource(const StringTable* table, TextsAre texts) : table_(table), texts_(texts) {}

  std::string_view name() const override { return table_->options().name; }
  PoolStats Stats() const override;
  // Texts come from users, so a sealed process still meets new ones; their bounds, and Freeze(),
  // are what holds them off, with an error instead of an abort.
  void Seal(bool /*sealed*/) override {}
  // A text that nobody holds is gone by itself, or belongs to the pool for good.
  size_t TrimIdle() override { return 0; }

 private:
  const StringTable* table_;
  const TextsAre texts_;
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_STRING_POOL_SOURCE_H_
