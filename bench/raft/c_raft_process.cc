// One replica of C-raft (libraft 0.15: libuv, kernel AIO) as a process, for measuring beside ours:
// same commands on standard input, same payloads, same number of proposals outstanding.
#include <signal.h>
#include <uv.h>

extern "C" {
#include <raft.h>
#include <raft/uv.h>
}

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/raft/load_command.h"
#include "bench/raft/load_figures.h"

namespace blixard::bench {
namespace {

constexpr unsigned kElectionMilliseconds = 1000;
constexpr unsigned kHeartbeatMilliseconds = 100;
constexpr unsigned kNeverSnapshot = 1u << 30;  // ours takes none meanwhile either

[[noreturn]] void Fail(const char* what, const char* why) {
  std::fprintf(stderr, "c_raft_process: %s: %s\n", what, why);
  std::exit(1);
}

void Check(int error, const char* what, raft* replica) {
  if (error != 0) Fail(what, replica == nullptr ? raft_strerror(error) : raft_errmsg(replica));
}

int CountApplied(raft_fsm* fsm, const raft_buffer* command, void** /*result*/) {
  *static_cast<uint64_t*>(fsm->data) += command->len;
  return 0;
}

// Everything runs in the loop of libuv, as C-raft asks for.
class Replica {
 public:
  Replica(unsigned id, const char* directory, const std::vector<std::string>& addresses) {
    uv_loop_init(&loop_);
    transport_.data = this;
    Check(raft_uv_tcp_init(&transport_, &loop_), "transport", nullptr);
    Check(raft_uv_init(&io_, &loop_, directory, &transport_), "storage", nullptr);
    fsm_.version = 1;
    fsm_.data = &applied_bytes_;
    fsm_.apply = CountApplied;
    Check(raft_init(&raft_, &io_, &fsm_, id, addresses[id - 1].c_str()), "init", &raft_);
    raft_.data = this;
    Bootstrap(addresses);
    raft_set_election_timeout(&raft_, kElectionMilliseconds);
    raft_set_heartbeat_timeout(&raft_, kHeartbeatMilliseconds);
    raft_set_pre_vote(&raft_, true);
    raft_set_snapshot_threshold(&raft_, kNeverSnapshot);
    Check(raft_start(&raft_), "start", &raft_);
  }

  // Returns when standard input ends; the process ends with it, as a crash would end it.
  void Run() {
    uv_pipe_init(&loop_, &input_, 0);
    uv_pipe_open(&input_, 0);
    input_.data = this;
    uv_timer_init(&loop_, &end_of_load_);
    end_of_load_.data = this;
    uv_read_start(reinterpret_cast<uv_stream_t*>(&input_), GiveReadBuffer, OnRead);
    uv_run(&loop_, UV_RUN_DEFAULT);
  }

 private:
  // One proposal on its way, used again for the next one.
  struct Proposal {
    struct raft_apply request;
    Replica* owner;
    uint64_t issued_ns;
  };

  void Bootstrap(const std::vector<std::string>& addresses) {
    raft_configuration configuration;
    raft_configuration_init(&configuration);
    for (size_t i = 0; i < addresses.size(); ++i) {
      Check(raft_configuration_add(&configuration, i + 1, addresses[i].c_str(), RAFT_VOTER),
            "configuration", nullptr);
    }
    Check(raft_bootstrap(&raft_, &configuration), "bootstrap", &raft_);
    raft_configuration_close(&configuration);
  }

  static void GiveReadBuffer(uv_handle_t* handle, size_t, uv_buf_t* buffer) {
    auto* const self = static_cast<Replica*>(handle->data);
    *buffer = uv_buf_init(self->read_buffer_, sizeof(self->read_buffer_));
  }

  static void OnRead(uv_stream_t* stream, ssize_t bytes, const uv_buf_t* buffer) {
    auto* const self = static_cast<Replica*>(stream->data);
    if (bytes < 0) return uv_stop(&self->loop_);
    self->line_.append(buffer->base, static_cast<size_t>(bytes));
    const size_t end = self->line_.find('\n');
    if (end == std::string::npos) return;
    const std::optional<LoadCommand> command = ParseLoadCommand(self->line_.substr(0, end));
    self->line_.erase(0, end + 1);
    if (!command.has_value()) Fail("standard input", "not a command");
    self->StartLoad(*command);
  }

  void StartLoad(const LoadCommand& command) {
    if (raft_state(&raft_) != RAFT_LEADER) return Say(kNotLeading);
    proposals_.resize(std::max<size_t>(proposals_.size(), command.outstanding));
    figures_.Start(uv_hrtime());
    running_ = true;
    for (size_t i = 0; i < command.outstanding; ++i) {
      proposals_[i].owner = this;
      Propose(proposals_[i]);
    }
    uv_timer_start(&end_of_load_, OnEndOfLoad, command.milliseconds, 0);
  }

  void Propose(Proposal& proposal) {
    raft_buffer payload = {.base = raft_malloc(kLoadPayloadBytes), .len = kLoadPayloadBytes};
    std::memset(payload.base, 'p', payload.len);
    proposal.request.data = &proposal;
    proposal.issued_ns = uv_hrtime();
    ++open_;
    Check(raft_apply(&raft_, &proposal.request, &payload, 1, OnApplied), "apply", &raft_);
  }

  static void OnApplied(struct raft_apply* request, int status, void* /*result*/) {
    auto& proposal = *static_cast<Proposal*>(request->data);
    Replica& self = *proposal.owner;
    Check(status, "proposal", &self.raft_);
    --self.open_;
    if (self.running_) {
      self.figures_.Add(uv_hrtime() - proposal.issued_ns);
      self.Propose(proposal);
    } else if (self.open_ == 0) {
      Say(self.figures_.Text());
    }
  }

  static void OnEndOfLoad(uv_timer_t* timer) {
    auto* const self = static_cast<Replica*>(timer->data);
    self->running_ = false;
    self->figures_.End(uv_hrtime());
  }

  static void Say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
  }

  uv_loop_t loop_ = {};
  raft_uv_transport transport_ = {};
  raft_io io_ = {};
  raft_fsm fsm_ = {};
  raft raft_ = {};
  uint64_t applied_bytes_ = 0;

  uv_pipe_t input_ = {};
  uv_timer_t end_of_load_ = {};
  char read_buffer_[256] = {};
  std::string line_;

  std::vector<Proposal> proposals_;
  LoadFigures figures_;
  size_t open_ = 0;
  bool running_ = false;
};

}  // namespace
}  // namespace blixard::bench

// Arguments: id, directory, the addresses of replicas 1 to n.
int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: c_raft_process ID DIRECTORY ADDRESS...\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  const auto id = static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10));
  const std::vector<std::string> addresses(argv + 3, argv + argc);
  if (id < 1 || id > addresses.size()) {
    std::fprintf(stderr, "ID: want 1 to %zu, got %s\n", addresses.size(), argv[1]);
    return 2;
  }
  blixard::bench::Replica replica(id, argv[2], addresses);
  replica.Run();
  return 0;
}
