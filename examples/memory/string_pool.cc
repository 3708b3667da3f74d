// Zone names repeat a million times: one copy, compared in one instruction, with a bound for what
// strangers send.
#include "memory_optimization/string_pool.h"

#include <glog/logging.h>

#include "memory_optimization/interned_constant.h"

using blixard::memory::InternedString;
using blixard::memory::kInterned;
using blixard::memory::StringPool;

constexpr InternedString kRunning = kInterned<"running">;  // valid before main

int main() {
  static StringPool pool({.max_strings = 1000});  // a pool lives as long as its handles
  const InternedString zone = pool.Intern("eu-west-1a").value();
  CHECK(pool.Intern("eu-west-1a").value() == zone);  // the same handle, not an equal text
  CHECK(pool.Resolve(pool.IdOf(zone)) == zone);      // four bytes where there are very many
  CHECK(!pool.Find("never seen").has_value());       // asking leaves nothing behind

  const InternedString states[] = {kRunning};
  CHECK(pool.Adopt(states).ok());
  CHECK(pool.Intern("running").value() == kRunning);

  auto tenant = pool.AddNamespace({.name = "tenant-7", .max_strings = 1});
  CHECK(tenant.ok() && tenant->Intern("first").ok());
  LOG(INFO) << tenant->Intern("second").status();  // refused: nothing live is ever evicted
  CHECK(!tenant->Intern("second").ok());
}
