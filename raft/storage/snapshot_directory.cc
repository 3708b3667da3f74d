#include "raft/storage/snapshot_directory.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "raft/storage/snapshot_format.h"

namespace blixard::raft {

std::vector<EntryId> SnapshotsAmong(const std::vector<std::string>& names) {
  std::vector<EntryId> found;
  for (const std::string& name : names) {
    if (const std::optional<EntryId> last = ParseSnapshotFileName(name)) found.push_back(*last);
  }
  std::sort(found.begin(), found.end(), [](const EntryId& a, const EntryId& b) {
    return a.index != b.index ? a.index > b.index : a.term > b.term;
  });
  return found;
}

absl::StatusOr<std::unique_ptr<SnapshotReader>> OpenSnapshot(const SnapshotDirectory& directory,
                                                             EntryId last) {
  const std::string path = absl::StrCat(directory.path, "/", SnapshotFileName(last));
  absl::StatusOr<std::unique_ptr<File>> file = directory.files.Open(path, OpenMode::kReadOnly);
  if (!file.ok()) return file.status();
  absl::StatusOr<std::unique_ptr<SnapshotReader>> reader = SnapshotReader::Open(*std::move(file));
  if (!reader.ok()) {
    return absl::Status(reader.status().code(),
                        absl::StrCat(path, ": ", reader.status().message()));
  }
  if ((*reader)->cluster() != directory.cluster) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": cluster: want ", static_cast<uint64_t>(directory.cluster), ", got ",
                     static_cast<uint64_t>((*reader)->cluster())));
  }
  if ((*reader)->meta().last != last) {
    return absl::DataLossError(absl::StrCat(path, ": last entry: want that of the name, got index ",
                                            (*reader)->meta().last.index.value, " of term ",
                                            (*reader)->meta().last.term.value));
  }
  return reader;
}

absl::StatusOr<std::optional<SnapshotMeta>> NewestWholeSnapshot(
    const SnapshotDirectory& directory) {
  const absl::StatusOr<std::vector<std::string>> names = directory.files.List(directory.path);
  if (!names.ok()) return names.status();
  for (const EntryId& last : SnapshotsAmong(*names)) {
    const absl::StatusOr<std::unique_ptr<SnapshotReader>> reader = OpenSnapshot(directory, last);
    absl::Status whole = reader.status();
    if (whole.ok()) whole = (*reader)->Verify();
    if (whole.ok()) return (*reader)->meta();
    if (!absl::IsDataLoss(whole)) return whole;  // else the one before it takes over
  }
  return std::nullopt;
}

}  // namespace blixard::raft
