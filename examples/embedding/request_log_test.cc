// A program of somebody else: it keeps its requests in a pool, names zones by interned strings, and
// has it counted that steady traffic allocates nothing.
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "memory_optimization/expect_allocations.h"
#include "memory_optimization/object_pool.h"
#include "memory_optimization/string_pool.h"

namespace {

using blixard::memory::InternedString;
using blixard::memory::ObjectPool;
using blixard::memory::Pooled;
using blixard::memory::StringPool;

struct Request {
  std::string body;
  InternedString zone;

  // Leaves no trace of the last user; the body keeps its capacity.
  void Reset() {
    body.clear();
    zone = {};
  }
};

class RequestLog {
 public:
  bool Add(std::string_view body, std::string_view zone) {
    Pooled<Request> request = requests_.Acquire();
    const auto name = zones_.Intern({zone.data(), zone.size()});
    if (!request || !name.ok()) return false;  // at a bound: the caller is told, nothing is lost
    request->body.assign(body);
    request->zone = *name;
    newest_ = std::move(request);
    return true;
  }
  const Request& newest() const { return *newest_; }

 private:
  ObjectPool<Request> requests_{"requests", {.min_size = 4, .max_size = 64}};
  StringPool zones_;
  Pooled<Request> newest_;
};

TEST(RequestLogTest, SteadyTrafficAllocatesNothing) {
  RequestLog log;
  const std::string body(200, 'x');
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(log.Add(body, "zone-a"));
  EXPECT_ALLOCATIONS(0, {
    for (int i = 0; i < 1000; ++i) log.Add(body, "zone-a");
  });
  EXPECT_EQ(log.newest().zone.view(), "zone-a");
  EXPECT_EQ(log.newest().body, body);
}

}  // namespace
