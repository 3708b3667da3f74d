// Request and response messages of a unary call from a pool: protobuf's Clear keeps the capacity of
// their strings, so a call in steady state takes no memory for them.
#ifndef BLIXARD_RPC_SERVICE_POOLED_MESSAGES_H_
#define BLIXARD_RPC_SERVICE_POOLED_MESSAGES_H_

#include <grpcpp/support/message_allocator.h>

#include <cstddef>
#include <string_view>

#include "memory_optimization/object_pool.h"

namespace blixard::rpc {

// For SetMessageAllocatorFor_<Method>. Outlives the server. Thread-safe. Calls under way bound it.
template <class Request, class Response>
class PooledMessages : public grpc::MessageAllocator<Request, Response> {
 public:
  explicit PooledMessages(std::string_view name)
      : pool_(name,
              {.min_size = 16, .max_size = 4096, .on_exhausted = memory::OnExhausted::kHeap}) {}

  grpc::MessageHolder<Request, Response>* AllocateMessages() override {
    memory::Pooled<Holder> holder = pool_.Acquire();
    holder->pool = &pool_;
    return holder.Detach();
  }

 private:
  struct Holder : public grpc::MessageHolder<Request, Response> {
    Holder() {
      this->set_request(&own_request);
      this->set_response(&own_response);
    }
    void Reset() {
      own_request.Clear();
      own_response.Clear();
    }
    void Release() override { pool->Attach(this).Reset(); }

    Request own_request;
    Response own_response;
    memory::ObjectPool<Holder>* pool = nullptr;
  };

  memory::ObjectPool<Holder> pool_;
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_SERVICE_POOLED_MESSAGES_H_
