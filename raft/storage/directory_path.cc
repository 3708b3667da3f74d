#include "raft/storage/directory_path.h"

#include <vector>

namespace blixard::raft {

std::string ParentOf(absl::string_view directory) {
  const bool absolute = !directory.empty() && directory.front() == '/';
  const size_t last = directory.find_last_not_of('/');
  const size_t slash = last == absl::string_view::npos ? last : directory.rfind('/', last);
  if (slash == absl::string_view::npos) return absolute ? "/" : ".";
  const size_t end = directory.find_last_not_of('/', slash);
  return end == absl::string_view::npos ? "/" : std::string(directory.substr(0, end + 1));
}

absl::Status MakeDirectories(FileSystem& files, const std::string& directory) {
  std::vector<std::string> missing;
  for (std::string at = directory; absl::IsNotFound(files.List(at).status()); at = ParentOf(at)) {
    missing.push_back(at);
    if (at == ParentOf(at)) break;
  }
  if (missing.empty()) {
    // Whoever made it may have ended before it was synced.
    absl::Status synced = files.SyncDirectory(ParentOf(directory));
    if (!synced.ok() && !absl::IsPermissionDenied(synced)) return synced;
    return files.MakeDirectory(directory);  // says so if it is something else
  }
  for (auto level = missing.rbegin(); level != missing.rend(); ++level) {
    absl::Status status = files.MakeDirectory(*level);
    if (status.ok()) status = files.SyncDirectory(ParentOf(*level));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace blixard::raft
