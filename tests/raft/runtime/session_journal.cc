#include "tests/raft/runtime/session_journal.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "raft/runtime/pass_through_planner.h"

namespace blixard::raft {
namespace {

// Every request with a semicolon behind it; what a test sends holds none.
class JournalView : public StateView {
 public:
  explicit JournalView(std::string text) : text_(std::move(text)) {}
  absl::Status WriteTo(SnapshotSink& sink) override { return sink.Write(text_); }

 private:
  const std::string text_;
};

}  // namespace

void SessionJournal::Apply(EntryId, absl::string_view payload, OutcomeSink& outcomes) {
  ++entries_;
  PassThroughReader reader(payload);
  for (size_t position = 0;; ++position) {
    const auto request = reader.Next();
    CHECK(request.ok()) << request.status();
    if (!request->has_value()) return;
    requests_.emplace_back(**request);
    if (requests_.back().starts_with('-')) continue;
    outcomes.Set(position, absl::StrCat(requests_.size(), ":", **request));
  }
}

std::unique_ptr<StateView> SessionJournal::Freeze() {
  std::string text;
  for (const std::string& request : requests_) absl::StrAppend(&text, request, ";");
  return std::make_unique<JournalView>(std::move(text));
}

absl::Status SessionJournal::Restore(SnapshotSource& source) {
  std::string text;
  char chunk[7];  // so small that a stream takes many
  while (true) {
    const absl::StatusOr<size_t> read = source.Read(absl::MakeSpan(chunk));
    if (!read.ok()) return read.status();
    if (*read == 0) break;
    text.append(chunk, *read);
  }
  if (!text.empty() && text.back() != ';') return absl::DataLossError("journal: want ; at the end");
  requests_ = absl::StrSplit(text, ';');
  requests_.pop_back();
  return absl::OkStatus();
}

}  // namespace blixard::raft
