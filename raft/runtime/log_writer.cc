#include "raft/runtime/log_writer.h"

#include <glog/logging.h>

#include "raft/core/mutation.h"

namespace blixard::raft {

LogWriter::Outcome LogWriter::Write(absl::Span<const std::unique_ptr<AppendWork>> works) {
  if (Mutated(Mutation::kS19PromisesBeforeSync)) SendPromises(works);
  const absl::Status stored = Store(works);
  if (absl::IsResourceExhausted(stored)) return Outcome::kDiskFull;
  if (stored.ok()) SendPromises(works);
  const uint64_t now_ns = latencies_.NowNanoseconds();
  for (const std::unique_ptr<AppendWork>& work : works) {
    work->status = stored;
    latencies_.Record(Stage::kStore, {.begin_ns = work->given_ns, .end_ns = now_ns});
  }
  return Outcome::kDone;
}

absl::Status LogWriter::Store(absl::Span<const std::unique_ptr<AppendWork>> works) {
  bool must_sync = false;
  for (const std::unique_ptr<AppendWork>& work : works) {
    must_sync |= work->must_sync;
    if (work->taken) continue;  // before the disk was full
    if (absl::Status taken = Take(*work); !taken.ok()) return taken;
    work->taken = true;
  }
  return must_sync ? storage_.Sync() : absl::OkStatus();
}

absl::Status LogWriter::Take(AppendWork& work) {
  if (work.snapshot.has_value()) {
    CHECK(work.hard_state.has_value()) << "a snapshot is installed with a term";
    absl::Status installed = storage_.InstallSnapshot(work.snapshot->last, *work.hard_state);
    if (!installed.ok()) return installed;
  }
  if (work.hard_state.has_value() || !work.entries.empty()) {
    absl::Status appended = storage_.Append(work.hard_state, work.entries);
    if (!appended.ok()) return appended;
  }
  if (!work.compact_through.has_value()) return absl::OkStatus();
  return storage_.CompactThrough(*work.compact_through);
}

void LogWriter::SendPromises(absl::Span<const std::unique_ptr<AppendWork>> works) {
  bool sent = false;
  for (const std::unique_ptr<AppendWork>& work : works) {
    for (const Message& promise : work->promises_to_send()) {
      transport_.Send(promise);
      sent = true;
    }
  }
  if (sent) transport_.Flush();
}

}  // namespace blixard::raft
