#include "memory_optimization/arena.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace blixard::memory {

Arena::Arena(ArenaOptions options)
    : next_block_bytes_(options.block_bytes), options_(std::move(options)) {
  CHECK_GT(options_.block_bytes, 0u) << "arena \"" << options_.name << "\": block_bytes";
  CHECK_LE(options_.block_bytes, options_.max_block_bytes)
      << "arena \"" << options_.name << "\": block_bytes beyond max_block_bytes";
}

Arena::~Arena() {
  current_ = nullptr;
  FreeIdle();
  CHECK_EQ(held_bytes_, 0u) << "arena \"" << options_.name << "\"";
}

void* Arena::TryAllocateSlowly(size_t bytes, size_t alignment) {
  const size_t footprint = internal::ArenaFootprint(bytes);
  const size_t slack = alignment > internal::kArenaBlockAlignment ? alignment : 0;
  if (footprint > SIZE_MAX - slack) return Refuse();
  const size_t room = footprint + slack;
  if (room > cursor_ - begin_ && !Advance(room)) return Refuse();
  cursor_ = (cursor_ - footprint) & -internal::ArenaAlignment(alignment);
  void* const place = reinterpret_cast<void*>(cursor_);
  internal::UnpoisonArena(place, bytes);
  return place;
}

void* Arena::Refuse() {
  ++refused_;
  return nullptr;
}

// Makes a block with so much room the current one.
bool Arena::Advance(size_t room) {
  Block* block = TakeIdle(room);
  if (block == nullptr) block = TryNewBlock(room);
  if (block == nullptr) return false;
  block->used_before = UsedBytes();
  block->next = *IdleLink();
  *IdleLink() = block;
  current_ = block;
  begin_ = block->begin();
  cursor_ = block->end();
  return true;
}

// Unlinks the first idle block that is large enough. A few steps: blocks double in size.
Arena::Block* Arena::TakeIdle(size_t room) {
  for (Block** link = IdleLink(); *link != nullptr; link = &(*link)->next) {
    Block* const block = *link;
    if (block->room() < room) continue;
    *link = block->next;
    return block;
  }
  return nullptr;
}

Arena::Block* Arena::TryNewBlock(size_t room) {
  if (room > SIZE_MAX - sizeof(Block)) return nullptr;
  const size_t bytes = PickBlockBytes(room);
  if (bytes == 0) return nullptr;
  void* const memory = internal::TryTakePages(options_.pages, bytes);
  if (memory == nullptr) return nullptr;
  held_bytes_ += bytes;
  if (bytes >= next_block_bytes_) {
    const bool may_double = next_block_bytes_ <= options_.max_block_bytes / 2;
    next_block_bytes_ = may_double ? 2 * next_block_bytes_ : options_.max_block_bytes;
  }
  Block* const block = ::new (memory) Block{.next = nullptr, .bytes = bytes, .used_before = 0};
  internal::PoisonArena(block + 1, block->room());
  return block;
}

// A size with so much room that the bound allows, the usual one if it can be; 0: there is none.
// Idle blocks, all too small, make way before anything is refused.
size_t Arena::PickBlockBytes(size_t room) {
  const size_t least = internal::RoundUpToPages(options_.pages, sizeof(Block) + room);
  const size_t usual = std::max(least, internal::RoundUpToPages(options_.pages, next_block_bytes_));
  if (least > options_.max_bytes - held_bytes_) FreeIdle();
  const size_t left = internal::RoundDownToPages(options_.pages, options_.max_bytes - held_bytes_);
  return left < least ? 0 : std::min(usual, left);
}

void Arena::FreeIdle() {
  Block** const link = IdleLink();
  while (*link != nullptr) {
    Block* const block = *link;
    *link = block->next;
    Free(block);
  }
}

void Arena::Free(Block* block) {
  held_bytes_ -= block->bytes;
  internal::UnpoisonArena(block + 1, block->room());
  internal::GiveBackPages(options_.pages, block, block->bytes);
}

absl::Status Arena::Refusal(size_t bytes) const {
  return absl::ResourceExhaustedError(absl::StrCat("arena \"", options_.name, "\": want ", bytes,
                                                   " bytes more, got none: ", held_bytes_,
                                                   " bytes held, max_bytes ", options_.max_bytes));
}

void Arena::Reset() {
  peak_used_bytes_ = std::max(peak_used_bytes_, UsedBytes());
  current_ = nullptr;
  cursor_ = begin_ = 0;
  ++resets_;
  if (held_bytes_ > options_.max_retained_bytes) {
    size_t kept_bytes = 0;
    for (Block** link = &first_; *link != nullptr;) {
      Block* const block = *link;
      if (block->bytes <= options_.max_retained_bytes - kept_bytes) {
        kept_bytes += block->bytes;
        link = &block->next;
      } else {
        *link = block->next;
        Free(block);
      }
    }
  }
  PoisonIdle();
}

void Arena::PoisonIdle() {
  if constexpr (!internal::kPoisonsArenas) return;
  for (Block* block = *IdleLink(); block != nullptr; block = block->next) {
    internal::PoisonArena(block + 1, block->room());
  }
}

size_t Arena::UsedBytes() const {
  return current_ == nullptr ? 0 : current_->used_before + (current_->end() - cursor_);
}

Arena::Checkpoint Arena::Mark() const {
  Checkpoint checkpoint;
  checkpoint.arena_ = this;
  checkpoint.block_ = current_;
  checkpoint.cursor_ = cursor_;
  checkpoint.used_bytes_ = UsedBytes();
  checkpoint.resets_ = resets_;
  return checkpoint;
}

// Every block in use has handed out something, so the bytes used order all places in the arena.
bool Arena::IsInUse(const Checkpoint& checkpoint) const {
  if (checkpoint.block_ == nullptr) return true;
  if (checkpoint.used_bytes_ > UsedBytes()) return false;
  const Block* const end = current_ == nullptr ? first_ : current_->next;
  for (const Block* block = first_; block != end; block = block->next) {
    if (block != checkpoint.block_) continue;
    return block->used_before + (block->end() - checkpoint.cursor_) == checkpoint.used_bytes_;
  }
  return false;
}

void Arena::Rollback(const Checkpoint& checkpoint) {
  CHECK(checkpoint.arena_ == this)
      << "arena \"" << options_.name << "\": rollback to a checkpoint of another arena";
  CHECK_EQ(checkpoint.resets_, resets_)
      << "arena \"" << options_.name << "\": rollback to a checkpoint from before a reset";
  CHECK(IsInUse(checkpoint)) << "arena \"" << options_.name
                             << "\": rollback to a checkpoint that was rolled back itself";
  peak_used_bytes_ = std::max(peak_used_bytes_, UsedBytes());
  current_ = checkpoint.block_;
  cursor_ = checkpoint.cursor_;
  begin_ = current_ == nullptr ? 0 : current_->begin();
  internal::PoisonArena(reinterpret_cast<void*>(begin_), cursor_ - begin_);
  PoisonIdle();
}

ArenaStats Arena::Stats() const {
  size_t blocks = 0;
  for (const Block* block = first_; block != nullptr; block = block->next) ++blocks;
  const size_t used_bytes = UsedBytes();
  return {.used_bytes = used_bytes,
          .peak_used_bytes = std::max(peak_used_bytes_, used_bytes),
          .held_bytes = held_bytes_,
          .blocks = blocks,
          .resets = resets_,
          .refused = refused_};
}

}  // namespace blixard::memory
