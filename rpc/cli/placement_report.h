// What blixardctl vm and node print of the service's answers for programs: messages that become
// JSON whose numbers are numbers (output.proto).
#ifndef BLIXARD_RPC_CLI_PLACEMENT_REPORT_H_
#define BLIXARD_RPC_CLI_PLACEMENT_REPORT_H_

#include "rpc/proto/output.pb.h"
#include "rpc/proto/placement.pb.h"

namespace blixard::rpc {

v1::VmCreated Describe(const v1::CreateVmResponse& created);
v1::VmShown Describe(const v1::GetVmResponse& found);
// All pages in one.
v1::VmsListed Describe(const v1::ListVmsResponse& listed);
v1::NodesListed Describe(const v1::ListNodesResponse& listed);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_PLACEMENT_REPORT_H_
