#include "rpc/daemon/check_config_command.h"

#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "rpc/daemon/config_file.h"
#include "rpc/daemon/serve_flags.h"

namespace blixard::rpc {
namespace {

// Prints every setting with its value, in the format of the file.
absl::Status Check(const std::string& path) {
  CLI::App settings;
  ServeFlags flags;
  flags.AddTo(settings);
  if (absl::Status read = ReadConfigFile(path, settings); !read.ok()) return read;
  const absl::StatusOr<ReplicaServerOptions> options = flags.Parse();
  if (!options.ok()) {
    return absl::InvalidArgumentError(path + ": " + std::string(options.status().message()));
  }
  std::cout << settings.config_to_str(/*default_also=*/true);
  return absl::OkStatus();
}

}  // namespace

void AddCheckConfigCommand(CLI::App& app, int* exit_code) {
  auto path = std::make_shared<std::string>();
  CLI::App* const check = app.add_subcommand(
      "check-config", "Check a config file of serve and print every setting it leads to");
  check->add_option("FILE", *path, "The file, with lines like: id = 1")->required();
  check->footer(
      "Example:\n  blixardd check-config /etc/blixard/replica-1.toml\n"
      "Names are those of the flags of blixardd serve. What is printed is a config file again.\n"
      "Exit codes: 0 it may be used; 2 it may not, and why.");
  check->callback([path, exit_code] {
    const absl::Status checked = Check(*path);
    if (checked.ok()) return;
    std::cerr << "blixardd check-config: " << checked.message() << "\n";
    *exit_code = 2;
  });
}

}  // namespace blixard::rpc
