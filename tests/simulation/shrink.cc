#include "tests/simulation/shrink.h"

#include <algorithm>

namespace blixard::raft {

// Leaves out ever smaller pieces. After a success the same piece size is tried on what is left;
// with pieces of one place a whole pass without success is the end.
Places Shrink(Places places, const std::function<bool(const Places&)>& fails, size_t max_runs) {
  size_t runs = 0;
  for (size_t piece = std::max<size_t>(places.size() / 2, 1); !places.empty();) {
    bool smaller = false;
    for (size_t begin = 0; begin < places.size();) {
      if (runs++ == max_runs) return places;
      const size_t end = std::min(begin + piece, places.size());
      Places rest(places.begin(), places.begin() + begin);
      rest.insert(rest.end(), places.begin() + end, places.end());
      if (fails(rest)) {
        places = std::move(rest);
        smaller = true;
      } else {
        begin = end;
      }
    }
    if (piece == 1 && !smaller) break;
    if (!smaller || piece > places.size()) piece = std::max<size_t>(piece / 2, 1);
  }
  return places;
}

}  // namespace blixard::raft
