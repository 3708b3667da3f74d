#include "raft/core/message.h"

#include <utility>

namespace blixard::raft {

void Message::Reset() {
  std::vector<Entry> kept = std::move(entries);
  kept.clear();
  *this = Message{};
  entries = std::move(kept);
}

}  // namespace blixard::raft
