// A finished run as one web page: index.html with inline SVG, readable from a mail attachment, with
// nothing fetched and no script needed. Pictures: heat maps of the nodes' CPU and memory, CPU
// against memory (stranded resources stand off the diagonal), placements a second and VMs alive,
// latency. The input (report_data.h) is plain values.
#ifndef BLIXARD_RPC_CLI_REPORT_H_
#define BLIXARD_RPC_CLI_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "rpc/cli/report_data.h"

namespace blixard::rpc {

// Ten logarithmic buckets to a power of ten, as many as the samples span, and p50, p90, p99, p99.9
// and max of `samples_us`, which is sorted in place. What is not above 0.001 us (negative, not
// a number) counts as that. No samples: nothing in either list.
ReportLatency SummarizeLatency(absl::Span<double> samples_us);

// The page as text. Pure; every string of the input is escaped. A part without data says so.
std::string RenderReport(const Report& report);

// Writes RenderReport to `directory`/index.html; the directory and its parents are created when
// missing, an existing index.html is replaced as a whole. Errors name the path and the reason:
// kInvalidArgument for an empty path, else what errno maps to.
absl::Status WriteReport(const Report& report, const std::string& directory);

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_REPORT_H_
