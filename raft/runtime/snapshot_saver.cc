#include "raft/runtime/snapshot_saver.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/configuration_codec.h"

namespace blixard::raft {
namespace {

// What is handed to the writer at once, and what waits there at most before it is written.
constexpr size_t kPieceBytes = 64 << 10;
constexpr size_t kWaitingBytes = 256 << 10;

}  // namespace

// Writes at the granted pace what the state machine hands over at its own.
class SnapshotSaver::Sink : public SnapshotSink {
 public:
  Sink(SnapshotSaver& saver, SnapshotWriter& writer) : saver_(saver), writer_(writer) {}

  absl::Status Write(absl::string_view bytes) override {
    while (!bytes.empty()) {
      const absl::string_view piece = bytes.substr(0, kPieceBytes);
      absl::Status status = writer_.Write(piece);
      if (status.ok()) status = saver_.WriteOut(writer_, kWaitingBytes);
      if (!status.ok()) return status;
      bytes.remove_prefix(piece.size());
    }
    return absl::OkStatus();
  }

 private:
  SnapshotSaver& saver_;
  SnapshotWriter& writer_;
};

SnapshotEvent SnapshotSaver::CarryOut(SnapshotOrder& order) {
  SnapshotEvent event{.kind = SnapshotEvent::Kind::kWritten, .meta = order.meta};
  if (order.kind == SnapshotOrder::Kind::kBegin) {
    event.kind = SnapshotEvent::Kind::kReceived;
    absl::StatusOr<Configuration> first = DecodeConfiguration(order.message.payload.view());
    if (first.ok()) event.meta = {.last = {}, .configuration = *std::move(first)};
    event.status = first.status();
    event.message = std::move(order.message);
  }
  if (event.status.ok()) event.status = Save(event.meta, order.view.get());
  if (!event.status.ok()) event.kind = SnapshotEvent::Kind::kNotWritten;
  return event;
}

absl::Status SnapshotSaver::Save(const SnapshotMeta& meta, StateView* view) {
  const std::optional<SnapshotMeta> newest = store_.newest();
  if (newest.has_value() && newest->last.index >= meta.last.index) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<SnapshotWriter>> writer = store_.Create(meta);
  if (!writer.ok()) return writer.status();
  Sink sink(*this, **writer);
  absl::Status status = view == nullptr ? absl::OkStatus() : view->WriteTo(sink);
  if (status.ok()) status = WriteOut(**writer, 0);
  return status.ok() ? (*writer)->Commit() : status;
}

absl::Status SnapshotSaver::WriteOut(SnapshotWriter& writer, size_t keep_bytes) {
  while (writer.pending_bytes() > keep_bytes) {
    const absl::StatusOr<size_t> allowed = pace_.Take(writer.pending_bytes());
    if (!allowed.ok()) return allowed.status();
    const absl::StatusOr<size_t> written = writer.WriteSome(*allowed);
    if (!written.ok()) return written.status();
  }
  return absl::OkStatus();
}

}  // namespace blixard::raft
