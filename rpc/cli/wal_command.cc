#include "rpc/cli/wal_command.h"

#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "memory_optimization/buffer_pool.h"
#include "raft/storage/posix_file.h"
#include "raft/storage/wal_inspection.h"
#include "rpc/cli/wal_report.h"

namespace blixard::rpc {
namespace {

struct WalFlags {
  std::string directory;
  size_t payload_bytes = 0;
};

// A directory that holds no log was given by mistake.
absl::Status AsUsage(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::InvalidArgumentError(status.message()) : status;
}

absl::StatusOr<raft::InspectedWal> Inspect(
    const std::string& directory,
    const std::function<void(const raft::InspectedFrame&)>& on_frame) {
  raft::PosixFileSystem files;
  return raft::InspectWal(files, memory::BufferPool::Default(), directory, on_frame);
}

enum class Shown { kAll, kVerdict };

absl::Status Report(const WalFlags& flags, Shown shown, CommandContext& context) {
  const absl::StatusOr<raft::InspectedWal> wal = Inspect(flags.directory, nullptr);
  if (!wal.ok()) return AsUsage(wal.status());
  if (!wal->sound()) context.exit_code = kExitRefused;
  const v1::WalReport report = Describe(*wal);
  if (context.json()) {
    std::cout << ToJson(report) << "\n";
  } else if (shown == Shown::kAll) {
    std::cout << ToText(report);
  } else if (!wal->sound()) {
    std::cout << "DAMAGED: " << wal->damage.message() << "\n";
  } else {
    std::cout << "sound: entries " << report.base_index() + 1 << " to " << report.last_index()
              << " in " << report.segments_size() << " segments"
              << (report.torn().empty() ? "" : "; torn end: " + report.torn()) << "\n";
  }
  return absl::OkStatus();
}

absl::Status Dump(const WalFlags& flags, CommandContext& context) {
  const absl::StatusOr<raft::InspectedWal> wal =
      Inspect(flags.directory, [&](const raft::InspectedFrame& frame) {
        const v1::WalFrame described = Describe(frame, flags.payload_bytes);
        std::cout << (context.json() ? ToJson(described) : ToText(described)) << "\n";
      });
  if (!wal.ok()) return AsUsage(wal.status());
  if (wal->sound()) return absl::OkStatus();
  return wal->damage;
}

void AddDirectory(CLI::App* command, WalFlags& flags) {
  command
      ->add_option("DIR", flags.directory,
                   "The log's directory: wal/ in a replica's data directory")
      ->required();
}

// Runs `work` when the command is chosen, and reports its error.
template <class Work>
void Run(CLI::App* command, CommandContext& context, Work work) {
  command->callback([&context, work] {
    const absl::Status done = work();
    if (!done.ok()) context.Fail(done);
  });
}

}  // namespace

void AddWalCommand(CLI::App& app, CommandContext& context) {
  CLI::App* const wal = app.add_subcommand("wal", "A replica's log, on the machine that holds it");
  wal->require_subcommand(1);
  wal->footer(
      "inspect, verify and dump change nothing and work while the replica runs.\n"
      "Exit codes: 0 sound; 1 damaged; 2 wrong usage.\n"
      "Examples:\n"
      "  blixardctl wal inspect data/1/wal\n"
      "  blixardctl wal verify data/1/wal --output json\n"
      "  blixardctl wal dump data/1/wal --payload-bytes 32 | less");
  auto flags = std::make_shared<WalFlags>();

  CLI::App* const inspect = wal->add_subcommand("inspect", "Show files, entries and state");
  AddDirectory(inspect, *flags);
  Run(inspect, context, [flags, &context] { return Report(*flags, Shown::kAll, context); });

  CLI::App* const verify =
      wal->add_subcommand("verify", "Read every byte; one line says how it is");
  AddDirectory(verify, *flags);
  Run(verify, context, [flags, &context] { return Report(*flags, Shown::kVerdict, context); });

  CLI::App* const dump = wal->add_subcommand("dump", "Print every frame, one a line");
  AddDirectory(dump, *flags);
  dump->add_option("--payload-bytes", flags->payload_bytes, "Show so much of each payload")
      ->capture_default_str()
      ->check(CLI::Range(0, 1 << 20));
  Run(dump, context, [flags, &context] { return Dump(*flags, context); });
}

}  // namespace blixard::rpc
