// One copy of every text that repeats (tenant, zone, image, label key), named by a handle that
// compares in one instruction.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_STRING_POOL_H_
#define BLIXARD_MEMORY_OPTIMIZATION_STRING_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace blixard::memory {

namespace internal {

// Stands right in front of the characters, which end in NUL.
struct InternedText {
  uint32_t hash;
  uint32_t length;
  uint32_t id;

  const char* characters() const { return reinterpret_cast<const char*>(this + 1); }
};

}  // namespace internal

// Names a text of a StringPool; the text lives as long as the pool. As large as a pointer,
// trivially copyable, free to pass by value and between threads. Default-constructed: the empty
// text, which is the same handle in every pool. Handles of other texts compare equal only within
// one pool. There is no order: ids and addresses differ from process to process and must never
// enter a log or a digest.
class InternedString {
 public:
  constexpr InternedString() = default;

  absl::string_view view() const {
    return text_ == nullptr ? absl::string_view("")
                            : absl::string_view(text_->characters(), text_->length);
  }
  // Ends in NUL; a text that holds NULs of its own looks shorter here.
  const char* c_str() const { return text_ == nullptr ? "" : text_->characters(); }
  size_t size() const { return text_ == nullptr ? 0 : text_->length; }
  bool empty() const { return text_ == nullptr; }
  // Of the text, computed once (XXH3, 32 bits); equal in every process. The empty text has 0.
  uint32_t hash() const { return text_ == nullptr ? 0 : text_->hash; }
  // 1, 2, 3, ... in the order of first interning; the empty text has 0.
  uint32_t id() const { return text_ == nullptr ? 0 : text_->id; }

  friend bool operator==(InternedString, InternedString) = default;
  template <class H>
  friend H AbslHashValue(H state, InternedString string) {
    return H::combine(std::move(state), string.hash());
  }

 private:
  friend class StringPool;
  explicit InternedString(const internal::InternedText* text) : text_(text) {}

  const internal::InternedText* text_ = nullptr;
};

struct StringPoolOptions {
  std::string name = "strings";
  size_t max_strings = size_t{1} << 20;
  size_t max_bytes = size_t{64} << 20;  // of all texts with their headers; at most 512 MiB
  size_t initial_strings = 0;           // room made at once; saves the tables outgrown on the way
};

struct StringPoolStats {
  uint64_t strings = 0;       // the empty text is not counted
  uint64_t text_bytes = 0;    // of texts with their headers, as bounded by max_bytes
  uint64_t memory_bytes = 0;  // everything the pool holds on the heap
  uint64_t refused = 0;       // Intern calls at a bound
};

// Texts are never evicted: a handle stays valid, and equal text always gives the equal handle. The
// two bounds keep untrusted input from filling the memory. Thread-safe; a text that is present is
// found without a lock and without an allocation.
class StringPool {
 public:
  static constexpr size_t kMaxTextBytes = size_t{32} << 10;

  explicit StringPool(StringPoolOptions options = {});
  ~StringPool();
  StringPool(const StringPool&) = delete;
  StringPool& operator=(const StringPool&) = delete;

  // The pool of the process, with default options; never destroyed.
  static StringPool& Default();

  // The handle of `text`, which is copied on its first appearance. Errors: kInvalidArgument when it
  // is longer than kMaxTextBytes; kResourceExhausted when it is new and a bound is reached (texts
  // already present are still found).
  absl::StatusOr<InternedString> Intern(absl::string_view text);

  // The handle of `text` if it was interned; never inserts.
  std::optional<InternedString> Find(absl::string_view text) const;

  const StringPoolOptions& options() const { return options_; }
  StringPoolStats Stats() const;

 private:
  struct Table;
  struct TableDeleter {
    void operator()(Table* table) const;
  };
  using TablePtr = std::unique_ptr<Table, TableDeleter>;

  static TablePtr MakeTable(size_t slots);
  const internal::InternedText* At(uint32_t reference) const;
  const internal::InternedText* Lookup(absl::string_view text, uint32_t hash) const;
  absl::StatusOr<InternedString> Insert(absl::string_view text, uint32_t hash);

  // Below: mutex_ is held.
  absl::StatusOr<uint32_t> Place(absl::string_view text, uint32_t hash);
  void GrowTable();

  const StringPoolOptions options_;
  std::atomic<const Table*> table_;  // the last of tables_

  mutable std::mutex mutex_;
  // Outgrown tables stay, because readers may still be in them; all together they are as large as
  // the current one.
  std::vector<TablePtr> tables_;
  // Texts stand in chunks at addresses that never change. All slots exist from the start, so that
  // readers may index while a writer adds a chunk.
  std::vector<std::unique_ptr<char[]>> chunks_;
  uint64_t next_byte_;  // where the next text goes, counted through all chunks
  uint32_t strings_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_STRING_POOL_H_
