// The result of a replay in the forms people look at: the message that becomes JSON, a table, a
// page.
#ifndef BLIXARD_RPC_CLI_REPLAY_RESULT_H_
#define BLIXARD_RPC_CLI_REPLAY_RESULT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "rpc/cli/replay.h"
#include "rpc/cli/report.h"
#include "rpc/cli/verification.h"
#include "rpc/proto/cluster.pb.h"
#include "rpc/proto/output.pb.h"

namespace blixard::rpc {

// `before`: the statuses of the replicas before the replay, in the order of `replicas`. All pure.
v1::ReplayResult Summarize(const ReplayLog& log, const Verdict& verdict,
                           absl::Span<const v1::ReplicaStatus> before,
                           absl::Span<const ReplicaContent> replicas, uint32_t retries);

std::string RenderTable(const v1::ReplayResult& result);

Report MakeReport(const v1::ReplayResult& result, const ReplayLog& log,
                  absl::Span<const ReplicaContent> replicas, const std::string& source);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_REPLAY_RESULT_H_
