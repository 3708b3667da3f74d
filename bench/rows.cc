#include "bench/rows.h"

#include <iterator>
#include <utility>

namespace blixard::bench {
namespace {

// A function's static, because rows are stated while statics of other files are constructed.
std::vector<Row>& Rows() {
  static std::vector<Row> rows;
  return rows;
}

}  // namespace

bool Promise(std::vector<Row> rows) {
  Rows().insert(Rows().end(), std::make_move_iterator(rows.begin()),
                std::make_move_iterator(rows.end()));
  return true;
}

const std::vector<Row>& PromisedRows() { return Rows(); }

}  // namespace blixard::bench
