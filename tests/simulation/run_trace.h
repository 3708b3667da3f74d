// What happened in a simulated world, as a hash and, if wanted, as text.
#ifndef BLIXARD_TESTS_SIMULATION_RUN_TRACE_H_
#define BLIXARD_TESTS_SIMULATION_RUN_TRACE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "tests/simulation/event_queue.h"

namespace blixard::raft {

class RunTrace {
 public:
  struct Options {
    bool keep = false;   // as text
    bool print = false;  // to standard output as it comes about
  };
  explicit RunTrace(const Options& options) : options_(options) {}

  // An event, and what tells it from others of its kind. Part of the hash.
  void Note(const Event& event, uint64_t detail);
  // A line of the text; not part of the hash.
  void Tell(VirtualTime now, absl::string_view what);
  bool tells() const { return options_.keep || options_.print; }

  uint64_t hash() const { return hash_; }
  std::string TakeText() { return std::move(text_); }

 private:
  const Options options_;
  uint64_t hash_ = 0xcbf29ce484222325;
  std::string text_;
};

}  // namespace blixard::raft

#endif  // BLIXARD_TESTS_SIMULATION_RUN_TRACE_H_
