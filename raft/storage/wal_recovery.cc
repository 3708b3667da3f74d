#include "raft/storage/wal_recovery.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "raft/storage/segment.h"
#include "raft/storage/segment_list.h"
#include "raft/storage/wal_reader.h"

namespace blixard::raft {
namespace {

class Recoverer {
 public:
  Recoverer(FileSystem& files, memory::BufferPool& payloads, const WalOptions& options)
      : files_(files),
        options_(options),
        reader_(files, payloads, options, OpenMode::kExisting, /*observer=*/nullptr) {}

  absl::StatusOr<WalRecovery> Run(const SegmentList& list) {
    if (list.last == 0) return WalRecovery{};
    absl::Status status = reader_.Read(list);
    if (status.ok()) status = SettleLast();
    if (!status.ok()) return status;
    return Result(list);
  }

 private:
  SegmentContent& last() { return reader_.last(); }

  // Makes the end of the log what it was read as, for good. Whatever is not known to be synced is
  // written once more: after a failed sync the system may show data that is not on the disk and
  // that no later sync would write (CockroachDB #37102).
  absl::Status SettleLast() {
    const uint64_t size = last().bytes.size();
    const uint64_t used = last().end + last().tail.used_bytes;
    last().bytes.resize(std::max(size, used));
    std::fill(last().bytes.begin() + last().end, last().bytes.begin() + used, '\0');
    const absl::string_view unproven =
        absl::string_view(last().bytes).substr(last().durable_offset, used - last().durable_offset);
    absl::Status status = Refill(size);
    if (status.ok()) status = last().file->Write(last().durable_offset, unproven);
    if (status.ok()) status = last().file->SyncData();
    if (status.ok()) status = files_.SyncDirectory(options_.directory);
    return status;
  }

  // Gives a file that was cut short its size and its zeros back.
  absl::Status Refill(uint64_t size) {
    if (size >= options_.segment_bytes) return absl::OkStatus();
    absl::Status status = last().file->Allocate(options_.segment_bytes);
    if (status.ok()) status = WriteZeros(*last().file, size, options_.segment_bytes);
    return status;
  }

  WalRecovery Result(const SegmentList& list) {
    WalRecovery result;
    result.last = reader_.replay().last();
    result.log = reader_.replay().TakeLog();
    result.sequence = list.last;
    result.file = std::move(last().file);
    result.end = last().end;
    result.leftover = list.leftover;
    result.retained = std::move(reader_.retained());
    result.log.torn_bytes = last().torn_bytes();
    if (result.log.torn_bytes > 0) {
      result.log.note = absl::StrCat(last().path, ": cut ", result.log.torn_bytes,
                                     " bytes of a torn write at offset ", last().end, " (",
                                     last().end_reason.message(), ")");
    }
    return result;
  }

  FileSystem& files_;
  const WalOptions& options_;
  WalReader reader_;
};

}  // namespace

absl::StatusOr<WalRecovery> RecoverWal(FileSystem& files, memory::BufferPool& payloads,
                                       const WalOptions& options,
                                       const std::vector<std::string>& names) {
  return Recoverer(files, payloads, options).Run(ListSegments(names));
}

}  // namespace blixard::raft
