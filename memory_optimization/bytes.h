// Immutable bytes that travel without being copied: every Bytes is a view of a part of some memory
// plus a share in keeping it alive. Encode once, hand slices to the log, the peers and the parser.
// The idea is that of Rust's `bytes` crate.
//
// What keeps the memory alive:
//   a literal         nothing; copying and slicing count nothing
//   a pooled block    from BytesMut, CopyOf or a Buffer; the last share gives it back to its pool
//   a foreign owner   any object or function you give; destroyed or called once, by the last share
//
// A slice keeps the whole block: ten bytes of a message of 1 MiB retain 1 MiB. retained_bytes()
// tells, Compact() cures. Which to use, Bytes or Buffer: see buffer_pool.h. For writing: BytesMut.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_BYTES_H_
#define BLIXARD_MEMORY_OPTIMIZATION_BYTES_H_

#include <glog/logging.h>

#include <compare>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "memory_optimization/buffer_pool.h"
#include "memory_optimization/foreign_block.h"
#include "memory_optimization/shared_block.h"

namespace blixard::memory {

// Sizes are in bytes. Different Bytes of one block may be used, copied and dropped by different
// threads; one object is not for two threads at once. Positions outside are CHECKed.
class Bytes {
 public:
  constexpr Bytes() = default;  // empty, keeps nothing

  // `literal` must live for ever. Costs no count at all.
  static constexpr Bytes FromStatic(absl::string_view literal) {
    return Bytes(literal.data(), literal.size(), nullptr);
  }

  // A copy in a block of `pool` (above its largest block: of the heap). Errors: kInvalidArgument
  // above 1 TiB; kResourceExhausted when pool or heap have no room.
  static absl::StatusOr<Bytes> CopyOf(absl::string_view content,
                                      BufferPool& pool = BufferPool::Default());

  // All of `buffer`, taking over its share.
  explicit Bytes(Buffer buffer)
      : data_(buffer.data()),
        size_(buffer.size()),
        block_(internal::ReleaseBlock(std::move(buffer))) {
    if (size_ == 0) DropBlock();
  }

  // Moves `owner` in and views what it holds (owner.data(), owner.size()) until the last share is
  // dropped: FromOwner(std::move(text)). Takes a block of 64 bytes of the default pool for small
  // owners. Error: kResourceExhausted, and `owner` was not moved from.
  template <class Owner>
  requires(!std::is_reference_v<Owner> &&
           !std::is_const_v<Owner>) static absl::StatusOr<Bytes> FromOwner(Owner&& owner);

  // Views `content` until the last share is dropped, on whatever thread, then calls `release` once.
  // `retained_bytes` is what the release will free. Error: kResourceExhausted, and `release` is
  // never called.
  template <class Release>
  static absl::StatusOr<Bytes> FromExternal(absl::string_view content, Release release,
                                            size_t retained_bytes);
  template <class Release>
  static absl::StatusOr<Bytes> FromExternal(absl::string_view content, Release release) {
    return FromExternal(content, std::move(release), content.size());
  }

  constexpr Bytes(const Bytes& other)
      : data_(other.data_), size_(other.size_), block_(other.block_) {
    if (block_ != nullptr) block_->references.Share();
  }
  constexpr Bytes(Bytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        block_(std::exchange(other.block_, nullptr)) {}
  Bytes& operator=(const Bytes& other) { return *this = Bytes(other); }
  Bytes& operator=(Bytes&& other) noexcept {
    Bytes taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(block_, taken.block_);
    return *this;
  }
  constexpr ~Bytes() {
    if (block_ != nullptr) [[unlikely]]
      internal::SharedBlock::Drop(block_);
  }

  const char* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  absl::string_view view() const { return {data_, size_}; }

  // `length` bytes from `offset` on, sharing the block. An empty slice keeps nothing.
  // Inlined early: else g++ keeps the result in memory (it always does for a const variable).
  [[gnu::always_inline]] Bytes Slice(size_t offset, size_t length) const {
    if (offset > size_ || length > size_ - offset) [[unlikely]]
      FailSlice(offset, length);
    if (length == 0) return {};
    internal::SharedBlock* const block = block_;
    if (block != nullptr) [[unlikely]]  // the counts take far longer than the jump
      block->references.Share();
    return Bytes(data_ + offset, length, block);
  }
  // Cuts off the first `at` bytes and returns them; this keeps the rest.
  Bytes SplitTo(size_t at);
  // Cuts off everything from `at` on and returns it; this keeps the first `at` bytes.
  Bytes SplitOff(size_t at);
  void RemovePrefix(size_t bytes);
  void TruncateTo(size_t size);  // no effect when it is not smaller

  // Nobody else shares the memory: false for literals, true when empty.
  bool unique() const { return block_ != nullptr ? block_->references.IsAlone() : size_ == 0; }

  // Memory that this keeps from other use, however little of it is seen: 0 for literals. Shared by
  // all slices of the same block.
  size_t retained_bytes() const {
    return block_ == nullptr ? 0 : block_->home->RetainedBytes(*block_);
  }
  // Copies into a block that fits where that retains less; otherwise does nothing. Errors as
  // CopyOf, and nothing has changed.
  absl::Status Compact(BufferPool& pool = BufferPool::Default());

  // Content decides, and bytes compare as unsigned.
  friend bool operator==(const Bytes& a, const Bytes& b) { return a.view() == b.view(); }
  friend bool operator==(const Bytes& a, absl::string_view b) { return a.view() == b; }
  friend std::strong_ordering operator<=>(const Bytes& a, const Bytes& b) {
    return a.view().compare(b.view()) <=> 0;
  }
  // Hashes as its view() does.
  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const Bytes& bytes) {
    return Hash::combine(std::move(hash), bytes.view());
  }

 private:
  friend class BytesMut;
  friend struct BytesParts;

  constexpr Bytes(const char* data, size_t size, internal::SharedBlock* block)
      : data_(data), size_(size), block_(block) {}

  [[noreturn]] void FailSlice(size_t offset, size_t length) const;
  void DropBlock() {
    data_ = nullptr;
    if (block_ != nullptr) internal::SharedBlock::Drop(std::exchange(block_, nullptr));
  }

  const char* data_ = nullptr;
  size_t size_ = 0;
  internal::SharedBlock* block_ = nullptr;  // one share; null: a literal, or empty
};

// A Bytes taken apart and put together again, for carrying its share through an interface of plain
// pointers (grpc_slice.h). `block` is one share, to be given to Join or
// internal::SharedBlock::Drop.
struct BytesParts {
  const char* data = nullptr;
  size_t size = 0;
  internal::SharedBlock* block = nullptr;

  // The parts while `bytes` still owns them.
  static BytesParts Look(const Bytes& bytes) {
    return {.data = bytes.data_, .size = bytes.size_, .block = bytes.block_};
  }
  static BytesParts Take(Bytes bytes) {
    const BytesParts parts = Look(bytes);
    bytes.block_ = nullptr;
    return parts;
  }
  static Bytes Join(const BytesParts& parts) { return Bytes(parts.data, parts.size, parts.block); }
};

template <class Owner>
requires(!std::is_reference_v<Owner> &&
         !std::is_const_v<Owner>) absl::StatusOr<Bytes> Bytes::FromOwner(Owner&& owner) {
  using Record = internal::ForeignRecord<Owner>;
  const absl::StatusOr<internal::SharedBlock*> block = internal::AcquireForeign(sizeof(Record));
  if (!block.ok()) return block.status();
  Record* record = internal::PlaceForeign<Owner>(*block, std::move(owner));
  record->retained_bytes = internal::HeapBytesOf(record->owner);
  return Bytes(reinterpret_cast<const char*>(record->owner.data()), record->owner.size(), *block);
}

template <class Release>
absl::StatusOr<Bytes> Bytes::FromExternal(absl::string_view content, Release release,
                                          size_t retained_bytes) {
  using Record = internal::ForeignRecord<internal::OnDestruction<Release>>;
  const absl::StatusOr<internal::SharedBlock*> block = internal::AcquireForeign(sizeof(Record));
  if (!block.ok()) return block.status();
  Record* record =
      internal::PlaceForeign<internal::OnDestruction<Release>>(*block, std::move(release));
  record->retained_bytes = retained_bytes;
  return Bytes(content.data(), content.size(), *block);
}

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_BYTES_H_
