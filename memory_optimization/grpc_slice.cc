#include "memory_optimization/grpc_slice.h"

#include <grpc/slice.h>
#include <grpcpp/impl/grpc_library.h>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "memory_optimization/shared_block.h"

namespace blixard::memory {
namespace {

// grpc::Slice works through a table that this fills, also before the first channel or server.
const grpc::internal::GrpcLibraryInitializer initializer;

void DropShare(void* block) {
  internal::SharedBlock::Drop(static_cast<internal::SharedBlock*>(block));
}

struct SliceOwner {
  explicit SliceOwner(grpc::Slice&& from) noexcept : slice(std::move(from)) {}

  const char* data() const { return reinterpret_cast<const char*>(slice.begin()); }
  size_t size() const { return slice.size(); }

  grpc::Slice slice;
};

}  // namespace

grpc::Slice ToGrpcSlice(Bytes bytes) {
  if (bytes.size() <= GRPC_SLICE_INLINED_SIZE) return grpc::Slice(bytes.data(), bytes.size());
  const BytesParts parts = BytesParts::Look(bytes);
  if (parts.block == nullptr) return grpc::Slice(parts.data, parts.size, grpc::Slice::STATIC_SLICE);
  grpc::Slice slice(const_cast<char*>(parts.data), parts.size, &DropShare, parts.block);
  BytesParts::Take(std::move(bytes));  // only now: the line above may throw std::bad_alloc
  return slice;
}

absl::StatusOr<Bytes> FromGrpcSlice(grpc::Slice slice) {
  return Bytes::FromOwner(SliceOwner(std::move(slice)));
}

}  // namespace blixard::memory
