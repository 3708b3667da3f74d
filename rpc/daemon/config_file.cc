#include "rpc/daemon/config_file.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"

namespace blixard::rpc {

absl::Status ReadConfigFile(const std::string& path, CLI::App& command) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": want a file, got a directory"));
  }
  try {  // CLI11 reports by throwing
    for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_file(path)) {
      CLI::Option* const option = command.get_option_no_throw("--" + item.name);
      if (option == nullptr || !item.parents.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ": want names of flags of this command, got ", item.fullname()));
      }
      if (option->count() > 0) continue;
      option->add_result(item.inputs);
      option->run_callback();
    }
  } catch (const CLI::Error& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
  return absl::OkStatus();
}

}  // namespace blixard::rpc
