// Names of peers, looked up where nobody waits: a resolver that does not answer holds up no
// connection but the one that needs the name.
#ifndef BLIXARD_RPC_TRANSPORT_NAME_LOOKUP_H_
#define BLIXARD_RPC_TRANSPORT_NAME_LOOKUP_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "rpc/transport/socket_address.h"

namespace blixard::rpc {

// Thread-safe. One thread, from the first question on, answers one after the other, in order.
class NameLookup {
 public:
  using Answer = absl::StatusOr<std::vector<SocketAddress>>;
  // May block for as long as it likes; called by one thread at a time, and perhaps still at work
  // when the NameLookup is gone.
  using Find = std::function<Answer(const std::string& address)>;

  // Whoever gives it up is not answered any more: as many questions wait as are held.
  class Question;

  explicit NameLookup(Find find);
  // Waits for nothing: the thread ends when Find returns.
  ~NameLookup();

  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

  std::shared_ptr<Question> Ask(const std::string& address);

  // Empty until it is answered.
  std::optional<Answer> AnswerTo(const Question& question) const;

 private:
  struct State;
  static void Run(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;  // the thread's as well
};

// What the resolver of the system says.
NameLookup::Answer FindByResolver(const std::string& address);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_TRANSPORT_NAME_LOOKUP_H_
