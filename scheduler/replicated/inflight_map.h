// What a leader planned for a key and has not seen applied: key -> latest value, each forgotten
// when the last entry that set it is applied. Holds what is in flight and no more; keeps its room,
// so that a steady load allocates nothing. Not thread-safe.
#ifndef BLIXARD_SCHEDULER_REPLICATED_INFLIGHT_MAP_H_
#define BLIXARD_SCHEDULER_REPLICATED_INFLIGHT_MAP_H_

#include <glog/logging.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "raft/core/types.h"
#include "scheduler/core/position_index.h"

namespace blixard::scheduler {

template <class Key, class Value>
class InflightMap {
 public:
  // `is_key(key)` must hold for the one key sought and no other; `hash` is that key's.
  template <class IsKey>
  const Value* Find(uint32_t hash, const IsKey& is_key) const {
    const uint32_t row = RowOf(hash, is_key);
    return row == PositionIndex::kNotFound ? nullptr : &rows_[row].value;
  }

  // The entry at `index` sets the key to `value`. Indexes never fall (CHECKed).
  void Set(raft::LogIndex index, uint32_t hash, const Key& key, const Value& value) {
    CHECK(changes_.empty() || changes_.back().index <= index);
    uint32_t row = RowOf(hash, [&](const Key& other) { return other == key; });
    if (row == PositionIndex::kNotFound) row = AddRow(hash, key);
    rows_[row].value = value;
    ++rows_[row].changes;
    changes_.push_back({.index = index, .row = row});
  }

  // Every entry up to `applied` has been applied.
  void ForgetThrough(raft::LogIndex applied) {
    while (first_ < changes_.size() && changes_[first_].index <= applied) {
      Forget(changes_[first_++].row);
    }
    DropForgottenChanges();
  }

  void Clear() {
    rows_.clear();
    free_rows_.clear();
    changes_.clear();
    first_ = 0;
    by_key_.Clear();
  }

  size_t size() const { return by_key_.size(); }

 private:
  struct Row {
    Key key;
    Value value;
    uint32_t hash = 0;
    uint32_t changes = 0;  // in flight
  };
  struct Change {
    raft::LogIndex index;
    uint32_t row = 0;
  };

  template <class IsKey>
  uint32_t RowOf(uint32_t hash, const IsKey& is_key) const {
    return by_key_.Find(hash, [&](uint32_t row) { return is_key(rows_[row].key); });
  }

  uint32_t AddRow(uint32_t hash, const Key& key) {
    if (free_rows_.empty()) {
      free_rows_.push_back(static_cast<uint32_t>(rows_.size()));
      rows_.emplace_back();
      free_rows_.reserve(rows_.capacity());  // so that forgetting never allocates
    }
    const uint32_t row = free_rows_.back();
    free_rows_.pop_back();
    rows_[row] = {.key = key, .value = Value{}, .hash = hash};
    by_key_.Insert({.hash = hash, .position = row});
    return row;
  }

  void Forget(uint32_t row) {
    CHECK_GT(rows_[row].changes, 0u);
    if (--rows_[row].changes > 0) return;
    by_key_.Erase({.hash = rows_[row].hash, .position = row});
    free_rows_.push_back(row);
  }

  // Moves what is left to the front once it is the smaller part: each change moves O(1) times.
  void DropForgottenChanges() {
    if (first_ * 2 < changes_.size()) return;
    changes_.erase(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }

  std::vector<Row> rows_;
  std::vector<uint32_t> free_rows_;
  std::vector<Change> changes_;  // in log order; those before first_ are forgotten
  size_t first_ = 0;
  PositionIndex by_key_;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_INFLIGHT_MAP_H_
