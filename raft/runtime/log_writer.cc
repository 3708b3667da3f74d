#include "raft/runtime/log_writer.h"

namespace blixard::raft {

void LogWriter::Write(absl::Span<const std::unique_ptr<AppendWork>> works) {
  const absl::Status stored = Store(works);
  if (stored.ok()) SendPromises(works);
  for (const std::unique_ptr<AppendWork>& work : works) work->status = stored;
}

absl::Status LogWriter::Store(absl::Span<const std::unique_ptr<AppendWork>> works) {
  bool must_sync = false;
  for (const std::unique_ptr<AppendWork>& work : works) {
    must_sync |= work->must_sync;
    if (!work->hard_state.has_value() && work->entries.empty()) continue;
    if (absl::Status appended = storage_.Append(work->hard_state, work->entries); !appended.ok()) {
      return appended;
    }
  }
  return must_sync ? storage_.Sync() : absl::OkStatus();
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
