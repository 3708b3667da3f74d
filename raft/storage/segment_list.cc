#include "raft/storage/segment_list.h"

#include <algorithm>
#include <optional>

#include "raft/storage/segment.h"

namespace blixard::raft {

SegmentList ListSegments(const std::vector<std::string>& names) {
  std::vector<uint64_t> sequences;
  for (const std::string& name : names) {
    const std::optional<uint64_t> sequence = ParseSegmentName(name);
    if (sequence.has_value()) sequences.push_back(*sequence);
  }
  SegmentList list;
  if (sequences.empty()) return list;
  std::sort(sequences.begin(), sequences.end());
  size_t first = sequences.size() - 1;
  while (first > 0 && sequences[first - 1] + 1 == sequences[first]) --first;
  list.first = sequences[first];
  list.last = sequences.back();
  list.leftover.assign(sequences.begin(), sequences.begin() + static_cast<ptrdiff_t>(first));
  return list;
}

}  // namespace blixard::raft
