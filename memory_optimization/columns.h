// A table stored by columns (structure of arrays): a scan that looks at one field of every row
// reads nothing else, and vector code reads it straight (column_kernels.h). It pays only together
// with such code and with many rows; for rows taken one at a time keep an array of structs.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_COLUMNS_H_
#define BLIXARD_MEMORY_OPTIMIZATION_COLUMNS_H_

#include <glog/logging.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <numeric>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/types/span.h"

namespace blixard::memory {

// Rows of plain values. Name the columns with an enum:
//
//   enum NodeColumn { kFreeVcpu, kFreeMemory };
//   Columns<int32_t, int32_t> nodes;
//   nodes.Append(4000, 8192);
//   absl::Span<const int32_t> free_vcpu = nodes.column<kFreeVcpu>();
//
// One heap block for all columns, each aligned to a cache line. Spans are valid until the next
// Append, Reserve or assignment. std::bad_alloc leaves everything as it was. Not thread-safe.
template <class... Ts>
class Columns {
  static_assert((std::is_trivially_copyable_v<Ts> && ...), "rows are moved as bytes");

 public:
  static constexpr size_t kAlignment = 64;
  template <size_t kColumn>
  using Value = std::tuple_element_t<kColumn, std::tuple<Ts...>>;

  Columns() = default;
  Columns(const Columns& other) { CopyFrom(other); }
  Columns(Columns&& other) noexcept
      : block_(std::move(other.block_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Columns& operator=(const Columns& other) {
    if (this != &other) {
      Columns copy(other);
      *this = std::move(copy);
    }
    return *this;
  }
  Columns& operator=(Columns&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }

  template <size_t kColumn>
  absl::Span<const Value<kColumn>> column() const {
    return {Start<kColumn>(), size_};
  }
  template <size_t kColumn>
  absl::Span<Value<kColumn>> mutable_column() {
    return {Start<kColumn>(), size_};
  }
  // References to the fields of one row; CHECKs that it is there.
  std::tuple<Ts&...> row(size_t row) {
    CheckRow(row);
    return Row(row, std::index_sequence_for<Ts...>());
  }

  // Room for `rows` rows in all.
  void Reserve(size_t rows) {
    if (rows > capacity_) Grow(rows);
  }
  // Returns the number of the new row.
  size_t Append(const Ts&... values) {
    const std::tuple<Ts...> copy(values...);  // they may be fields of a row that moves
    if (size_ == capacity_) Grow(std::max(kMinRows, 2 * capacity_));
    ++size_;
    Row(size_ - 1, std::index_sequence_for<Ts...>()) = copy;
    return size_ - 1;
  }
  // The last row takes the place of `row`. CHECKs that it is there.
  void RemoveBySwap(size_t row) {
    CheckRow(row);
    const auto all = std::index_sequence_for<Ts...>();
    Row(row, all) = std::tuple<Ts...>(Row(size_ - 1, all));
    --size_;
  }
  void Clear() { size_ = 0; }

 private:
  static constexpr size_t kMinRows = 64;
  // Above it the size of a block would overflow.
  static constexpr size_t kMaxRows =
      std::numeric_limits<ptrdiff_t>::max() / ((sizeof(Ts) + kAlignment) + ...);

  struct Free {
    void operator()(char* block) const { ::operator delete (block, std::align_val_t{kAlignment}); }
  };

  template <class T>
  static constexpr size_t ColumnBytes(size_t rows) {
    return (rows * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
  }
  static constexpr size_t BlockBytes(size_t rows) { return (ColumnBytes<Ts>(rows) + ...); }

  // Columns stand one after the other.
  template <size_t kColumn>
  static size_t OffsetOf(size_t rows) {
    const std::array<size_t, sizeof...(Ts)> bytes = {ColumnBytes<Ts>(rows)...};
    return std::accumulate(bytes.begin(), bytes.begin() + kColumn, size_t{0});
  }
  template <size_t kColumn>
  Value<kColumn>* Start() const {
    if (block_ == nullptr) return nullptr;
    return reinterpret_cast<Value<kColumn>*>(block_.get() + OffsetOf<kColumn>(capacity_));
  }
  template <size_t... kColumn>
  std::tuple<Ts&...> Row(size_t row, std::index_sequence<kColumn...>) {
    return std::tie(Start<kColumn>()[row]...);
  }
  void CheckRow(size_t row) const { CHECK_LT(row, size_) << "row of a table of columns"; }

  void Grow(size_t rows) {
    CHECK_LE(rows, kMaxRows) << "rows of a table of columns";
    Columns grown;
    grown.block_.reset(
        static_cast<char*>(::operator new (BlockBytes(rows), std::align_val_t{kAlignment})));
    grown.capacity_ = rows;
    grown.CopyRows(*this, std::index_sequence_for<Ts...>());
    *this = std::move(grown);
  }
  void CopyFrom(const Columns& other) {
    if (other.size_ == 0) return;
    Grow(other.size_);
    CopyRows(other, std::index_sequence_for<Ts...>());
  }
  template <size_t... kColumn>
  void CopyRows(const Columns& from, std::index_sequence<kColumn...>) {
    size_ = from.size_;
    if (size_ == 0) return;
    (std::memcpy(Start<kColumn>(), from.template Start<kColumn>(), size_ * sizeof(Ts)), ...);
  }

  std::unique_ptr<char, Free> block_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_COLUMNS_H_
