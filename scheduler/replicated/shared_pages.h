// An array in pages of 64 KiB that a snapshot can hold on to: a copy shares every page, and the
// first write to a shared page copies that page. So a picture of a table of a million rows costs a
// pointer per page, and the writer pays only for the pages that it changes while the picture lives.
#ifndef BLIXARD_SCHEDULER_REPLICATED_SHARED_PAGES_H_
#define BLIXARD_SCHEDULER_REPLICATED_SHARED_PAGES_H_

#include <glog/logging.h>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"

namespace blixard::scheduler {

inline constexpr size_t kSharedPageBytes = size_t{64} << 10;

// The pool of all pages of the process: those that a finished snapshot gives back serve the copies
// of the next one.
memory::BufferPool& SharedPagePool();

// Of plain structs. Rows hold nothing in particular until they are written. Not thread-safe, but
// copies are independent: two threads may use two copies, and give up their pages, at once.
template <class Row>
class SharedPages {
 public:
  static_assert(std::is_trivially_copyable_v<Row> && std::is_trivially_destructible_v<Row>);
  static constexpr size_t kPageRows = kSharedPageBytes / sizeof(Row);

  // The page of the row must have been made, by Mutable or Reserve.
  const Row& operator[](size_t row) const {
    return reinterpret_cast<const Row*>(pages_[row / kPageRows].data())[row % kPageRows];
  }

  // For writing; the reference holds until the next copy of this object. Allocates, out of the
  // pool, when the page is new or shared.
  Row& Mutable(size_t row) {
    const size_t page = row / kPageRows;
    if (page >= pages_.size()) pages_.resize(page + 1);
    memory::Buffer& bytes = pages_[page];
    if (!bytes) bytes = NewPage();
    if (!bytes.unique()) bytes = CopyOf(bytes);
    return reinterpret_cast<Row*>(bytes.mutable_data())[row % kPageRows];
  }

  // Room for `rows` rows without another allocation.
  void Reserve(size_t rows) {
    for (size_t row = 0; row < rows; row += kPageRows) Mutable(row);
  }

 private:
  static memory::Buffer NewPage() {
    absl::StatusOr<memory::Buffer> page = SharedPagePool().Acquire(kSharedPageBytes);
    CHECK(page.ok()) << page.status();
    page->Resize(kSharedPageBytes);
    return *std::move(page);
  }

  static memory::Buffer CopyOf(const memory::Buffer& page) {
    absl::StatusOr<memory::Buffer> copy = SharedPagePool().AcquireCopy(page.view());
    CHECK(copy.ok()) << copy.status();
    return *std::move(copy);
  }

  std::vector<memory::Buffer> pages_;
};

}  // namespace blixard::scheduler

#endif  // BLIXARD_SCHEDULER_REPLICATED_SHARED_PAGES_H_
