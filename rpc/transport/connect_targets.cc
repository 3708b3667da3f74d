#include "rpc/transport/connect_targets.h"

#include <glog/logging.h>
#include <netdb.h>

#include <optional>
#include <utility>

namespace blixard::rpc {

ConnectTargets::ConnectTargets(std::string address, NameLookup& lookup)
    : address_(std::move(address)),
      lookup_(lookup),
      is_in_digits_(FindAddresses(address_, AI_NUMERICHOST).ok()) {
  if (is_in_digits_) known_ = *FindAddresses(address_, AI_NUMERICHOST);
}

const SocketAddress* ConnectTargets::Current() {
  TakeAnswer();
  if (!known_.empty()) return &known_[current_];
  if (question_ == nullptr) question_ = lookup_.Ask(address_);
  return nullptr;
}

void ConnectTargets::TurnToNext() {
  TakeAnswer();
  if (++current_ < known_.size()) return;
  current_ = 0;
  if (!is_in_digits_ && question_ == nullptr) question_ = lookup_.Ask(address_);
}

// What was known stays when nothing is found now: the resolver may be away as well.
void ConnectTargets::TakeAnswer() {
  if (question_ == nullptr) return;
  const std::optional<NameLookup::Answer> answer = lookup_.AnswerTo(*question_);
  if (!answer.has_value()) return;
  question_.reset();
  if (!answer->ok()) {
    LOG_EVERY_N(WARNING, 100) << answer->status();
    return;
  }
  if (known_ == **answer) return;
  known_ = **answer;
  current_ = 0;
}

}  // namespace blixard::rpc
