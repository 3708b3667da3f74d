// What a call that ends at its deadline can say of the cluster: the last answer that a replica
// gave. An attempt that the deadline cut short tells nothing, and must not hide the one before it.
#ifndef BLIXARD_RPC_CLIENT_LAST_ANSWER_H_
#define BLIXARD_RPC_CLIENT_LAST_ANSWER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace blixard::rpc {

class LastAnswer {
 public:
  // An attempt at the replica at `address` ended with `status`, which is not OK.
  void Note(absl::string_view address, const absl::Status& status);

  // "ADDRESS said: ...", and who was asked after that without an answer; before the first Note
  // that nobody was asked.
  std::string ToString() const;

 private:
  std::string answered_;
  std::string silent_;  // address of the last attempt, when it had no answer
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLIENT_LAST_ANSWER_H_
