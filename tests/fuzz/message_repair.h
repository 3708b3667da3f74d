// Checksums of messages that were changed at random, made right.
#ifndef BLIXARD_TESTS_FUZZ_MESSAGE_REPAIR_H_
#define BLIXARD_TESTS_FUZZ_MESSAGE_REPAIR_H_

#include "absl/types/span.h"

namespace blixard::fuzz {

// `frame` is to be one message (raft/core/message_codec.h): makes its length and its checksums
// right, so that a decoder gets to what comes behind them. Whatever else is wrong stays.
void RepairMessage(absl::Span<char> frame);

}  // namespace blixard::fuzz

#endif  // BLIXARD_TESTS_FUZZ_MESSAGE_REPAIR_H_
