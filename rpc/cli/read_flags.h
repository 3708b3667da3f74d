// How new what a command shows must be: --stale.
#ifndef BLIXARD_RPC_CLI_READ_FLAGS_H_
#define BLIXARD_RPC_CLI_READ_FLAGS_H_

#include <CLI/CLI.hpp>

#include "rpc/proto/placement.pb.h"

namespace blixard::rpc {

struct ReadFlags {
  bool stale = false;

  // `command` must not outlive this object.
  void AddTo(CLI::App& command) {
    command.add_flag("--stale", stale,
                     "Show what the asked replica has, however old, also when nobody leads; "
                     "otherwise a majority confirms that nothing newer is missing");
  }

  v1::Consistency consistency() const {
    return stale ? v1::CONSISTENCY_STALE : v1::CONSISTENCY_LINEARIZABLE;
  }
};

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_READ_FLAGS_H_
