// Bytes to and from gRPC without a copy. A target of its own: Bytes alone pull in no gRPC.
#ifndef BLIXARD_MEMORY_OPTIMIZATION_GRPC_SLICE_H_
#define BLIXARD_MEMORY_OPTIMIZATION_GRPC_SLICE_H_

#include <grpcpp/support/slice.h>

#include "absl/status/statusor.h"
#include "memory_optimization/bytes.h"

namespace blixard::memory {

// A slice of the same memory. gRPC keeps the share until its last slice is gone and drops it on one
// of its own threads: the pool must outlive the calls. Literals and what gRPC carries inside the
// slice itself (up to 23 bytes, copied) keep nothing.
grpc::Slice ToGrpcSlice(Bytes bytes);

// Bytes of the same memory, which keep the slice. Error: kResourceExhausted.
absl::StatusOr<Bytes> FromGrpcSlice(grpc::Slice slice);

}  // namespace blixard::memory

#endif  // BLIXARD_MEMORY_OPTIMIZATION_GRPC_SLICE_H_
