// What blixardctl wal prints of a log: lines for people, or messages that become JSON.
#ifndef BLIXARD_RPC_CLI_WAL_REPORT_H_
#define BLIXARD_RPC_CLI_WAL_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "raft/storage/wal_inspection.h"
#include "rpc/proto/output.pb.h"

namespace blixard::rpc {

v1::WalReport Describe(const raft::InspectedWal& wal);
// `payload_bytes`: how much of the payload is shown at most.
v1::WalFrame Describe(const raft::InspectedFrame& frame, size_t payload_bytes);
// What comes behind the `frames` of a dump.
v1::WalDumpEnd DescribeDumpEnd(const raft::InspectedWal& wal, uint64_t frames);

// Several lines: the files, the state of the log, what is torn or damaged.
std::string ToText(const v1::WalReport& report);
std::string ToText(const v1::MembershipRecovery& recovery);
// One line without its end.
std::string ToText(const v1::WalFrame& frame);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_WAL_REPORT_H_
