#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "rpc/cli/report.h"

namespace blixard::rpc {
namespace {

absl::Status WriteFile(const std::string& path, absl::string_view content) {
  FILE* file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("create ", path));
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  const int write_error = errno;
  if (std::fclose(file) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("write ", path));
  return written ? absl::OkStatus()
                 : absl::ErrnoToStatus(write_error, absl::StrCat("write ", path));
}

}  // namespace

absl::Status WriteReport(const Report& report, const std::string& directory) {
  if (directory.empty()) {
    return absl::InvalidArgumentError("report directory: want a path, got \"\"");
  }
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat("create directory ", directory));
  }
  // Beside and renamed: whoever looks meanwhile sees the old page or the new one.
  const std::string path = absl::StrCat(directory, "/index.html");
  const std::string beside = absl::StrCat(path, ".new");
  absl::Status status = WriteFile(beside, RenderReport(report));
  if (status.ok() && std::rename(beside.c_str(), path.c_str()) != 0) {
    status = absl::ErrnoToStatus(errno, absl::StrCat("rename to ", path));
  }
  if (!status.ok()) std::remove(beside.c_str());
  return status;
}

}  // namespace blixard::rpc
