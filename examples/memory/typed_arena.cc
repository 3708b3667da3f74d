// A tree whose nodes own heap memory: built piece by piece, dropped as a whole, destructors run.
#include "memory_optimization/typed_arena.h"

#include <glog/logging.h>

#include <string>
#include <vector>

using blixard::memory::TypedArena;

struct Node {
  std::string name;
  std::vector<Node*> children;  // cycles would do no harm
};

int main() {
  TypedArena<Node> nodes;
  Node* const root = nodes.TryNew();
  CHECK(root != nullptr);
  for (int i = 0; i < 100; ++i) {
    Node* const child = nodes.TryNew();
    CHECK(child != nullptr);
    child->name = "child " + std::to_string(i);
    root->children.push_back(child);
  }
  CHECK_EQ(root->children[99]->name, "child 99");
  nodes.Reset();
  CHECK_EQ(nodes.size(), 0u);
}
