// Data that never changes after it was built is shared, not copied: std::shared_ptr at the edges of
// an interface, where who keeps it for how long is not ours to say.
#include <glog/logging.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

using Inventory = std::vector<std::string>;

std::shared_ptr<const Inventory> Publish() {  // const: nobody needs a lock to read it
  return std::make_shared<const Inventory>(Inventory{"node-1", "node-2"});
}

int main() {
  std::shared_ptr<const Inventory> inventory = Publish();
  std::thread reader([mine = inventory] { CHECK_EQ(mine->size(), 2u); });
  inventory.reset();  // the reader's share keeps it
  reader.join();
}
