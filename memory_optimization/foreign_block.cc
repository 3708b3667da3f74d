#include "memory_optimization/foreign_block.h"

#include <utility>

#include "memory_optimization/block_source.h"
#include "memory_optimization/buffer_pool.h"

namespace blixard::memory::internal {
namespace {

ForeignHeader* HeaderOf(const SharedBlock& block) {
  return reinterpret_cast<ForeignHeader*>(const_cast<SharedBlock&>(block).bytes());
}

class ForeignHome final : public BlockHome {
 public:
  void TakeBack(SharedBlock* block) override {
    ForeignHeader* header = HeaderOf(*block);
    block->home = header->pool_home;
    header->destroy_owner(header);
    block->home->TakeBack(block);
  }
  size_t WritableBytes(const SharedBlock&) const override { return 0; }
  size_t RetainedBytes(const SharedBlock& block) const override {
    const ForeignHeader* header = HeaderOf(block);
    return header->pool_home->RetainedBytes(block) + header->retained_bytes;
  }
};

constinit ForeignHome foreign_home;

}  // namespace

absl::StatusOr<SharedBlock*> AcquireForeign(size_t record_bytes) {
  return AcquireBlock(record_bytes, BufferPool::Default());
}

void AdoptForeign(SharedBlock* block, ForeignHeader* header) {
  header->pool_home = std::exchange(block->home, &foreign_home);
}

}  // namespace blixard::memory::internal
