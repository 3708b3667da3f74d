// Which allocator a binary runs on is a setting of its build. The same program is built once for
// each; the one it expects must be there.
#include <dlfcn.h>
#include <glog/logging.h>

#include <cstdlib>

int main() {
  CHECK(dlsym(RTLD_DEFAULT, ALLOCATOR_SYMBOL) != nullptr) << "want " << ALLOCATOR_SYMBOL;
  for (size_t bytes = 1; bytes < (1 << 20); bytes *= 2) std::free(std::malloc(bytes));
}
