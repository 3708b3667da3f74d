// Growth of Abseil's flat tables that survives running out of memory.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_GUARDED_TABLE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_GUARDED_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <tuple>
#include <utility>

namespace blixard::memory::internal {

// A flat_hash_map or flat_hash_set (20220623) that never grows by itself and never builds an
// element in place. Its growth notes the new capacity before it has the memory, and its insertion
// counts an element before that is built: where either throws, the table reads and frees what it
// does not own, and so does its destructor. Here a larger table is built beside the old one by the
// constructor, which is safe, elements are moved over, and the two are swapped; an element is built
// first and moved in. std::bad_alloc and what elements throw then leave everything as it was. Move
// constructors must not throw.
//
// Every member that may insert is replaced; what only looks or erases is Abseil's.
template <class Table>
class GuardedTable : private Table {
  using Element = typename Table::init_type;  // of maps: a pair whose key is not const

 public:
  using typename Table::const_iterator;
  using typename Table::hasher;
  using typename Table::iterator;
  using typename Table::key_equal;
  using typename Table::key_type;
  using typename Table::node_type;
  using typename Table::size_type;
  using typename Table::value_type;

  using Table::begin;
  using Table::capacity;
  using Table::cbegin;
  using Table::cend;
  using Table::clear;
  using Table::contains;
  using Table::count;
  using Table::empty;
  using Table::end;
  using Table::equal_range;
  using Table::erase;
  using Table::extract;
  using Table::find;
  using Table::hash_function;
  using Table::key_eq;
  using Table::size;

  GuardedTable() = default;
  GuardedTable(std::initializer_list<value_type> values)
      : GuardedTable(values.begin(), values.end()) {}
  template <class Iterator>
  GuardedTable(Iterator first, Iterator last) {
    insert(first, last);
  }
  GuardedTable(const GuardedTable& other) : Table(CapacityFor(other.size())) {
    insert(other.begin(), other.end());
  }
  GuardedTable(GuardedTable&&) = default;
  GuardedTable& operator=(const GuardedTable& other) {
    GuardedTable copy(other);
    swap(copy);
    return *this;
  }
  GuardedTable& operator=(GuardedTable&&) = default;

  std::pair<iterator, bool> insert(Element element) {
    MakeRoom();
    return Table::insert(std::move(element));
  }
  auto insert(node_type&& node) {
    MakeRoom();
    return Table::insert(std::move(node));
  }
  template <class Iterator>
  void insert(Iterator first, Iterator last) {
    for (; first != last; ++first) insert(Element(*first));
  }
  void insert(std::initializer_list<value_type> values) { insert(values.begin(), values.end()); }
  template <class... Args>
  std::pair<iterator, bool> emplace(Args&&... args) {
    return insert(Element(std::forward<Args>(args)...));
  }

  // Maps only. A key that is present is found without building anything.
  template <class Key, class... Args>
  std::pair<iterator, bool> try_emplace(Key&& key, Args&&... args) {
    if (const iterator found = find(key); found != end()) return {found, false};
    return insert(Element(std::piecewise_construct, std::forward_as_tuple(std::forward<Key>(key)),
                          std::forward_as_tuple(std::forward<Args>(args)...)));
  }
  template <class Key, class Value>
  std::pair<iterator, bool> insert_or_assign(Key&& key, Value&& value) {
    const iterator found = find(key);
    if (found == end()) {
      return insert(Element(std::forward<Key>(key), std::forward<Value>(value)));
    }
    found->second = std::forward<Value>(value);
    return {found, false};
  }
  template <class Key>
  auto& operator[](Key&& key) {
    return try_emplace(std::forward<Key>(key)).first->second;
  }

  // Room for `count` elements in all: up to there nothing allocates, whatever is erased in between.
  void reserve(size_t count) {
    const size_t capacity = CapacityFor(count);
    if (capacity > this->capacity()) Rebuild(capacity);
  }
  void swap(GuardedTable& other) noexcept { Table::swap(other); }

  friend bool operator==(const GuardedTable& left, const GuardedTable& right) {
    return static_cast<const Table&>(left) == static_cast<const Table&>(right);
  }

 private:
  // Whether Abseil might grow a table of this capacity for one element more. Small tables have no
  // tombstones and grow when full (those of 7, on some machines, at 6); others rid themselves of
  // tombstones in place up to 25/32.
  static bool IsFull(size_t size, size_t capacity) {
    if (capacity < 7) return size >= capacity;
    if (capacity == 7) return size >= 6;
    return size > capacity / 32 * 25 + capacity % 32 * 25 / 32;
  }

  static size_t CapacityFor(size_t count) {
    constexpr size_t kMost = PTRDIFF_MAX / (sizeof(value_type) + 1) / 4;
    // More than there can be: std::allocator says so as the standard wants it, std::bad_alloc.
    if (count > kMost) static_cast<void>(std::allocator<value_type>().allocate(SIZE_MAX));
    size_t capacity = 0;
    while (count > 0 && IsFull(count - 1, capacity)) capacity = 2 * capacity + 1;
    return capacity;
  }

  void MakeRoom() {
    if (IsFull(size(), capacity())) [[unlikely]]
      Rebuild(2 * capacity() + 1);
  }

  void Rebuild(size_t capacity) {
    Table larger(capacity, this->hash_function(), this->key_eq());
    larger.merge(static_cast<Table&>(*this));
    Table::swap(larger);
  }
};

}  // namespace blixard::memory::internal

#endif  // BLIXARD_MEMORY_OPTIMIZATION_GUARDED_TABLE_H_
