#include "bench/raft/process_group.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <glog/logging.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

namespace blixard::bench {
namespace {

constexpr auto kElectionPoll = std::chrono::milliseconds(100);
constexpr int kMaxElectionPolls = 200;

// Addresses that are free now; held until all are known, so that they differ.
std::vector<std::string> FreeAddresses(int count) {
  std::vector<std::string> addresses;
  std::vector<int> sockets;
  for (int i = 0; i < count; ++i) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    PCHECK(socket >= 0 && ::bind(socket, generic, length) == 0 &&
           ::getsockname(socket, generic, &length) == 0);
    addresses.push_back(fmt::format("127.0.0.1:{}", ntohs(address.sin_port)));
    sockets.push_back(socket);
  }
  for (const int socket : sockets) ::close(socket);
  return addresses;
}

}  // namespace

ProcessGroup::ProcessGroup(const std::vector<std::string>& program, const std::string& directory) {
  const std::vector<std::string> addresses = FreeAddresses(kReplicas);
  for (int id = 1; id <= kReplicas; ++id) {
    const std::string own = fmt::format("{}/{}", directory, id);
    std::filesystem::create_directories(own);
    std::vector<std::string> command = program;
    command.insert(command.end(), {std::to_string(id), own});
    command.insert(command.end(), addresses.begin(), addresses.end());
    processes_.push_back(std::make_unique<MeasuredProcess>(command, own + ".log"));
  }
}

std::optional<LoadResult> ProcessGroup::Load(const LoadCommand& command) {
  for (int poll = 0; poll < kMaxElectionPolls; ++poll) {
    for (const auto& process : processes_) {
      const std::optional<std::string> answer = process->Ask(ToLine(command));
      if (!answer.has_value()) return std::nullopt;
      if (*answer != kNotLeading) return ParseLoadResult(*answer);
    }
    std::this_thread::sleep_for(kElectionPoll);
  }
  return std::nullopt;
}

double ProcessGroup::LargestResidentMiB() const {
  double largest = 0;
  for (const auto& process : processes_) largest = std::max(largest, process->ResidentMiB());
  return largest;
}

}  // namespace blixard::bench
