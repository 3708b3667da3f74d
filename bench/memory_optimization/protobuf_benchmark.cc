// A protobuf message parsed for every use: from a pool and cleared, on a protobuf::Arena (whose
// strings stay on the heap), and plain.
#include <benchmark/benchmark.h>
#include <google/protobuf/arena.h>

#include <string>

#include "bench/rows.h"
#include "memory_optimization/object_pool.h"
#include "rpc/proto/placement.pb.h"

namespace blixard::memory {
namespace {

const bool rows = bench::Promise({
    {.subject = "protobuf request parsed: pooled + Clear",
     .benchmark = "BM_MessagePooled",
     .peers = {{.name = "protobuf::Arena", .benchmark = "BM_MessageArena"},
               {.name = "on the stack", .benchmark = "BM_MessagePlain"}}},
});

std::string Request() {
  v1::CreateVmRequest request;
  request.mutable_request_id()->set_client_id(7);
  request.mutable_request_id()->set_sequence(1);
  request.set_name("virtual-machine-of-a-tenant-000001");
  request.mutable_resources()->set_vcpu_milli(1000);
  request.mutable_resources()->set_memory_mib(1024);
  return request.SerializeAsString();
}

void BM_MessagePooled(benchmark::State& state) {
  const std::string bytes = Request();
  ObjectPool<v1::CreateVmRequest> pool("benchmark_messages", {.max_size = 16});
  for (auto _ : state) {
    const Pooled<v1::CreateVmRequest> message = pool.Acquire();
    benchmark::DoNotOptimize(message->ParseFromString(bytes));
  }
}
BENCHMARK(BM_MessagePooled);

// The arena is reset, not made anew: its first block stays.
void BM_MessageArena(benchmark::State& state) {
  const std::string bytes = Request();
  google::protobuf::Arena arena;
  for (auto _ : state) {
    auto* message = google::protobuf::Arena::CreateMessage<v1::CreateVmRequest>(&arena);
    benchmark::DoNotOptimize(message->ParseFromString(bytes));
    arena.Reset();
  }
}
BENCHMARK(BM_MessageArena);

void BM_MessagePlain(benchmark::State& state) {
  const std::string bytes = Request();
  for (auto _ : state) {
    v1::CreateVmRequest message;
    benchmark::DoNotOptimize(message.ParseFromString(bytes));
  }
}
BENCHMARK(BM_MessagePlain);

}  // namespace
}  // namespace blixard::memory
